import {
  type Bounds,
  type BudgetServer,
  type BudgetService,
  checkNumber,
  DEFAULT_RESERVE_RATIO,
  INPUT_BOUNDS,
  POOL_MODES,
  type PoolerSettings,
  reserveOf,
} from '@poolscope/sizing'
import { Problems } from './problems.ts'

/** A server of a budget file with the services that share it. */
export type DeclaredBudget = { name: string; server: BudgetServer; services: BudgetService[] }

const SERVER_KEYS = ['name', 'maxConnections', 'reserved', 'pooler', 'services'] as const
const POOLER_KEYS = [
  'mode',
  'defaultPoolSize',
  'reservePoolSize',
  'maxClientConn',
  'maxDbConnections',
  'pairs',
  'databases',
] as const
const SERVICE_KEYS = ['name', 'replicas', 'processes', 'max', 'overflow', 'min', 'surge', 'needs'] as const

const NOT_NEGATIVE = { min: 0, max: 1_000_000, whole: true } as const satisfies Bounds

/**
 * Reads what services declare, with the defaults of what is left out: a fifth of the limit kept back, one process for
 * each replica, no overflow, and a roll-out that brings all new replicas up before the first old one ends.
 * @param file what a YAML file says
 * @throws ConfigError with all that is wrong and where
 */
export function readBudget(file: unknown): DeclaredBudget[] {
  const problems = new Problems()
  const { servers } = problems.object(file, 'config file', ['servers'])
  const list = listOf(problems, servers, 'servers')
  const budgets = list.map((server, index) => readServer(problems, server, `servers[${index}]`))
  problems.throwIfAny()
  return budgets
}

function readServer(problems: Problems, value: unknown, path: string): DeclaredBudget {
  const given = problems.object(value, path, SERVER_KEYS)
  const name = nameOf(problems, given.name, `${path}.name`)
  const read = reader(problems, given, path)
  const maxConnections = read('maxConnections', INPUT_BOUNDS.maxConnections)
  const reserved =
    given.reserved === undefined
      ? reserveOf(maxConnections, DEFAULT_RESERVE_RATIO)
      : read('reserved', { ...NOT_NEGATIVE, max: maxConnections - 1 })
  const pooler = given.pooler === undefined ? null : readPooler(problems, given.pooler, `${path}.pooler`)
  const services = listOf(problems, given.services, `${path}.services`).map((service, index) =>
    readService(problems, service, `${path}.services[${index}]`),
  )
  return { name, server: { maxConnections, reserved, pooler }, services }
}

function readPooler(problems: Problems, value: unknown, path: string): PoolerSettings {
  const given = problems.object(value, path, POOLER_KEYS)
  const read = reader(problems, given, path)
  const mode = POOL_MODES.find((known) => known === given.mode)
  if (mode === undefined) problems.add(`${path}.mode`, `expected one of ${POOL_MODES.join(', ')}`)
  const pairs = read('pairs', { ...INPUT_BOUNDS.instances, unit: 'pairs' }, 1)
  return {
    mode: mode ?? 'transaction',
    defaultPoolSize: read('defaultPoolSize', INPUT_BOUNDS.poolMax),
    reservePoolSize: read('reservePoolSize', NOT_NEGATIVE, 0),
    maxClientConn: read('maxClientConn', INPUT_BOUNDS.maxConnections),
    maxDbConnections: read('maxDbConnections', NOT_NEGATIVE, 0),
    pairs,
    databases: read('databases', { min: 1, max: pairs, whole: true }, 1),
  }
}

function readService(problems: Problems, value: unknown, path: string): BudgetService {
  const given = problems.object(value, path, SERVICE_KEYS)
  const read = reader(problems, given, path)
  const replicas = read('replicas', INPUT_BOUNDS.instances)
  const max = read('max', INPUT_BOUNDS.poolMax)
  const overflow = read('overflow', NOT_NEGATIVE, 0)
  return {
    name: nameOf(problems, given.name, `${path}.name`),
    replicas,
    processes: read('processes', INPUT_BOUNDS.processes, 1),
    max,
    overflow,
    min: given.min === undefined ? null : read('min', { ...NOT_NEGATIVE, max: max + overflow }),
    surge: read('surge', { ...NOT_NEGATIVE, max: INPUT_BOUNDS.instances.max }, replicas),
    needs: given.needs === undefined ? null : read('needs', INPUT_BOUNDS.poolMax),
  }
}

/** Reads numbers of one map; a wrong one is a problem, and reads as the most that it may be. */
function reader<Key extends string>(
  problems: Problems,
  given: Partial<Record<Key, unknown>>,
  path: string,
): (key: Key, bounds: Bounds, fallback?: number) => number {
  return (key, bounds, fallback) => {
    const value = given[key]
    if (value === undefined && fallback !== undefined) return fallback
    try {
      return checkNumber('it', typeof value === 'number' ? value : Number.NaN, bounds)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      problems.add(`${path}.${key}`, reason.replace(/^it must be/, 'expected').replace(/, not .*$/, ''))
      return bounds.max
    }
  }
}

function nameOf(problems: Problems, value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 200) return value
  problems.add(path, 'expected a name')
  return ''
}

function listOf(problems: Problems, value: unknown, path: string): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value
  problems.add(path, 'expected a list with at least one entry')
  return []
}
