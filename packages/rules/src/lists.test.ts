import { describe, expect, it } from 'vitest'
import { ANTI_PATTERNS, CHECKLIST, type ListItem, REVIEW_QUESTIONS } from './lists.ts'
import { RULES } from './registry.ts'

const LISTS: [string, readonly ListItem[], number][] = [
  ['the checklist', CHECKLIST, 23],
  ['the anti-patterns', ANTI_PATTERNS, 8],
  ['the review questions', REVIEW_QUESTIONS, 8],
]
const ids = new Set(RULES.map(({ id }) => id))
const rulesOf = (item: ListItem) => ('rules' in item ? item.rules : 'watchedBy' in item ? item.watchedBy : [])

describe.each(LISTS)('%s', (_name, list, length) => {
  it('is complete, and no item stands twice', () => {
    expect(list).toHaveLength(length)
    expect(new Set(list.map(({ id }) => id)).size).toBe(length)
  })

  it.each(list.map((item) => [item.text, item] as const))(
    'answers "%s" by a rule, or says why not',
    (_text, item) => {
      if ('reason' in item) expect(item.reason).toMatch(/\w{3,}.*\.$/)
      else expect(rulesOf(item).length).toBeGreaterThan(0)
      expect(rulesOf(item).filter((rule) => !ids.has(rule))).toEqual([])
    },
  )
})
