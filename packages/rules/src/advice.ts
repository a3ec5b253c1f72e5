import type { AdviceItem, Score, Verdict } from '@poolscope/protocol'
import { EXAMPLES } from './examples.ts'
import type { ListItem } from './lists.ts'

/** Answers the items of a list from verdicts, in the order of the list. What nobody could judge is unknown, never a pass. */
export function answerList(list: readonly ListItem[], verdicts: readonly Verdict[]): AdviceItem[] {
  const byRule = new Map<string, Verdict[]>()
  for (const verdict of verdicts) {
    const known = byRule.get(verdict.rule)
    if (known === undefined) byRule.set(verdict.rule, [verdict])
    else known.push(verdict)
  }
  return list.map((item) => answer(item, byRule))
}

function answer(item: ListItem, byRule: ReadonlyMap<string, Verdict[]>): AdviceItem {
  const { id, section, text } = item
  if ('reason' in item) {
    return { id, section, text, state: 'unobservable', rules: [], reason: item.reason, examples: [] }
  }
  const rules = 'rules' in item ? item.rules : item.watchedBy
  const judged = rules.map((rule) => byRule.get(rule) ?? [])
  const all = judged.flat()
  const failed = 'rules' in item ? all.filter(({ level }) => level === 'warn' || level === 'critical') : []
  const blind = all.find(({ level }) => level === 'unknown')
  const answered = { id, section, text, rules: [...rules] }
  if (failed.length > 0) {
    const examples = [...new Set(failed.map(({ rule }) => rule))].flatMap((rule) => EXAMPLES[rule] ?? [])
    return { ...answered, state: 'fail', reason: failed[0]?.sentence ?? null, examples }
  }
  if (blind !== undefined) return { ...answered, state: 'unknown', reason: blind.sentence, examples: [] }
  const missing = judged.some((found) => found.length === 0)
  return missing
    ? { ...answered, state: 'unknown', reason: 'Nothing is watched that would tell.', examples: [] }
    : { ...answered, state: 'pass', reason: null, examples: [] }
}

/** Counts answers. What cannot be observed by anybody counts neither way. */
export function scoreOf(items: readonly Pick<AdviceItem, 'state'>[]): Score {
  const count = (state: AdviceItem['state']) => items.filter((item) => item.state === state).length
  const [passed, failed, unknown] = [count('pass'), count('fail'), count('unknown')]
  const checked = passed + failed + unknown
  return { passed, failed, unknown, ratio: checked === 0 ? null : passed / checked }
}
