import { RULES } from '@poolscope/rules'
import type { RuleSettings } from '../alerts/judge.ts'
import type { Problems } from './problems.ts'

/**
 * Reads which rules are off and whose settings differ: a map of rule ids, each `off` or a map of its settings.
 * A setting that clears must stay below the one that raises.
 */
export function readRules(value: unknown, problems: Problems): RuleSettings {
  if (value === undefined) return {}
  const ids = RULES.map(({ id }) => id)
  const given = problems.object(value, 'rules', ids)
  const read: Record<string, RuleSettings[string]> = {}
  for (const rule of RULES) {
    const own = given[rule.id]
    // YAML reads a plain `off` as a word, and older readers as false.
    if (own === 'off' || own === false) read[rule.id] = { enabled: false, settings: {} }
    else if (own !== undefined) read[rule.id] = { enabled: true, settings: readSettings(own, rule, problems) }
  }
  return read
}

function readSettings(
  value: unknown,
  rule: (typeof RULES)[number],
  problems: Problems,
): Record<string, number> {
  const path = `rules.${rule.id}`
  const names = Object.keys(rule.settings)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.add(
      path,
      names.length === 0 ? 'expected off' : `expected off, or a map with the keys ${names.join(', ')}`,
    )
    return {}
  }
  const given = problems.object(value, path, names)
  const read: Record<string, number> = {}
  for (const [name, setting] of Object.entries(given)) {
    if (!names.includes(name)) continue
    if (typeof setting === 'number' && Number.isFinite(setting) && setting >= 0) read[name] = setting
    else problems.add(`${path}.${name}`, 'expected a number that is not negative')
  }
  refuseInverted({ ...rule.settings, ...read }, path, problems)
  return read
}

function refuseInverted(settings: Readonly<Record<string, number>>, path: string, problems: Problems): void {
  for (const [name, clear] of Object.entries(settings)) {
    const raiseName = name.replace('Clear', '')
    const raise = settings[raiseName]
    if (name === raiseName || raise === undefined || clear <= raise) continue
    problems.add(
      `${path}.${name}`,
      `expected at most ${raise}, which is ${raiseName}: a rule clears below what raises it`,
    )
  }
}
