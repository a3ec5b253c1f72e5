import type { Verdict } from '@poolscope/protocol'
import { describe, expect, it } from 'vitest'
import { answerList, scoreOf } from './advice.ts'
import type { ListItem } from './lists.ts'

const verdict = (rule: string, level: Verdict['level']): Verdict => ({
  rule,
  title: rule,
  guide: '',
  subjectKind: 'group',
  subject: 'g',
  level,
  sentence: `${rule} is ${level}.`,
  evidence: { facts: [], holders: [] },
  remedy: null,
})
const LIST: ListItem[] = [
  { id: 'a', section: 's', text: 'a', rules: ['leak', 'stuck'] },
  { id: 'b', section: 's', text: 'b', watchedBy: ['leak'] },
  { id: 'c', section: 's', text: 'c', reason: 'Nobody can see it.' },
]
const states = (...verdicts: Verdict[]) => answerList(LIST, verdicts).map(({ state }) => state)

describe(answerList, () => {
  it('passes what every rule passes', () => {
    expect(states(verdict('leak', 'ok'), verdict('stuck', 'ok'))).toEqual(['pass', 'pass', 'unobservable'])
  })

  it('fails what any rule fails, though that the rule watches passes', () => {
    expect(states(verdict('leak', 'warn'), verdict('stuck', 'unknown'))).toEqual([
      'fail',
      'pass',
      'unobservable',
    ])
  })

  it('does not pass what one rule cannot judge', () => {
    expect(states(verdict('leak', 'unknown'), verdict('stuck', 'ok'))).toEqual([
      'unknown',
      'unknown',
      'unobservable',
    ])
  })

  it('does not pass what nobody judged', () => {
    expect(states(verdict('leak', 'ok'))).toEqual(['unknown', 'pass', 'unobservable'])
    expect(states()).toEqual(['unknown', 'unknown', 'unobservable'])
  })

  it('gives the sentence of the rule that failed, and code that shows the remedy', () => {
    const [first] = answerList(LIST, [verdict('leak', 'critical'), verdict('stuck', 'ok')])
    expect(first?.reason).toBe('leak is critical.')
    expect(first?.examples.map(({ language }) => language)).toContain('Node.js')
  })
})

describe(scoreOf, () => {
  it('counts what is unknown against the passes, and leaves out what nobody can observe', () => {
    const items = (['pass', 'pass', 'fail', 'unknown', 'unobservable'] as const).map((state) => ({ state }))
    // 2 of 2 + 1 + 1.
    expect(scoreOf(items)).toEqual({ passed: 2, failed: 1, unknown: 1, ratio: 0.5 })
  })

  it('is unknown when nothing was checked', () => {
    expect(scoreOf([]).ratio).toBeNull()
  })

  it('does not rise when data is hidden', () => {
    const seen = scoreOf([{ state: 'pass' }, { state: 'fail' }]).ratio as number
    const hidden = scoreOf([{ state: 'unknown' }, { state: 'unknown' }]).ratio as number
    expect(hidden).toBeLessThan(seen)
  })
})
