import { join } from 'node:path'
import {
  DEFAULT_BUDGET_BYTES,
  DEFAULT_TIERS,
  LEAST_BUDGET_BYTES,
  type Tier,
  tiersProblem,
} from '../history/tiers.ts'
import type { HistoryConfig } from './config.ts'
import type { Problems } from './problems.ts'

const HISTORY_KEYS = ['dir', 'tiers', 'budgetBytes'] as const
const TIER_KEYS = ['stepMs', 'keepMs'] as const

/** Where the settings of the history come from. */
export type HistoryInput = {
  /** Directory by option or environment; undefined without one. */
  dir: { value: unknown; path: string } | undefined
  file: unknown
  env: Readonly<Record<string, string | undefined>>
  problems: Problems
}

/** Reads what is kept, where and for how long; what is wrong is added to `problems`. */
export function readHistory({ dir, file, env, problems }: HistoryInput): HistoryConfig {
  const settings = problems.object(file ?? {}, 'history', HISTORY_KEYS)
  return {
    dir: readDir(dir ?? { value: settings.dir, path: 'history.dir' }, env, problems),
    tiers: readTiers(settings.tiers, problems),
    budgetBytes: readBudget(settings.budgetBytes, problems),
  }
}

function readDir(
  { value, path }: { value: unknown; path: string },
  env: HistoryInput['env'],
  problems: Problems,
): string | null {
  if (value === undefined) return stateDir(env)
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  problems.add(path, 'expected the path of a directory')
  return null
}

/** Where programs keep what outlives them, by the XDG Base Directory Specification; null without a home. */
function stateDir(env: HistoryInput['env']): string | null {
  const base = env.XDG_STATE_HOME ?? env.LOCALAPPDATA
  if (base !== undefined && base !== '') return join(base, 'poolscope')
  const home = env.HOME
  return home === undefined || home === '' ? null : join(home, '.local', 'state', 'poolscope')
}

function readTiers(value: unknown, problems: Problems): readonly Tier[] {
  if (value === undefined) return DEFAULT_TIERS
  const path = 'history.tiers'
  if (!Array.isArray(value)) {
    problems.add(path, 'expected a list, each with stepMs and keepMs')
    return DEFAULT_TIERS
  }
  const tiers = value.flatMap((item: unknown, i) => {
    const { stepMs, keepMs } = problems.object(item, `${path}[${i}]`, TIER_KEYS)
    if (isSeconds(stepMs) && isSeconds(keepMs)) return [{ stepMs, keepMs }]
    problems.add(`${path}[${i}]`, 'expected stepMs and keepMs, whole seconds in milliseconds')
    return []
  })
  if (tiers.length < value.length) return DEFAULT_TIERS
  const problem = tiersProblem(tiers)
  if (problem !== null) problems.add(path, problem)
  return tiers
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 1000 && value <= 1e12 && value % 1000 === 0
}

function readBudget(value: unknown, problems: Problems): number {
  if (value === undefined) return DEFAULT_BUDGET_BYTES
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= LEAST_BUDGET_BYTES) return value
  problems.add('history.budgetBytes', `expected a whole number of at least ${LEAST_BUDGET_BYTES}`)
  return DEFAULT_BUDGET_BYTES
}
