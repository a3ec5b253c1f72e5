import { describe, expect, it } from 'vitest'
import { ConfigError } from './config-error.ts'
import { readBudget } from './read-budget.ts'

const service = { name: 'web', replicas: 3, max: 20 }
const file = (server: object) => ({
  servers: [{ name: 'db', maxConnections: 100, services: [service], ...server }],
})

/** What is wrong with a file, as `path: expectation`. */
function wrong(given: unknown): string[] {
  try {
    readBudget(given)
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ path, expected }) => `${path}: ${expected}`)
    throw error
  }
  return []
}

describe(readBudget, () => {
  it('fills in what is left out', () => {
    expect(readBudget(file({}))).toEqual([
      {
        name: 'db',
        server: { maxConnections: 100, reserved: 20, pooler: null },
        services: [
          { name: 'web', replicas: 3, processes: 1, max: 20, overflow: 0, min: null, surge: 3, needs: null },
        ],
      },
    ])
  })

  it('reads a pooler', () => {
    const pooler = { mode: 'session', defaultPoolSize: 20, maxClientConn: 1000 }
    expect(readBudget(file({ pooler }))[0]?.server.pooler).toEqual({
      ...pooler,
      reservePoolSize: 0,
      maxDbConnections: 0,
      pairs: 1,
      databases: 1,
    })
  })

  it('names all that is wrong at once, with its place and what was expected', () => {
    const services = [
      { name: '', replicas: 0, max: '20' },
      { ...service, overflow: 1.5, min: 22, replica: 3 },
    ]
    expect(wrong(file({ services, reserved: 100, pooler: { mode: 'auto', defaultPoolSize: 5 } }))).toEqual([
      'servers[0].reserved: expected a whole number from 0 to 99',
      'servers[0].pooler.mode: expected one of session, transaction, statement',
      'servers[0].pooler.maxClientConn: expected a whole number from 1 to 1000000 connections',
      'servers[0].services[0].replicas: expected a whole number from 1 to 100000 instances',
      'servers[0].services[0].max: expected a whole number from 1 to 1000000 connections',
      'servers[0].services[0].name: expected a name',
      'servers[0].services[1].replica: unknown key; did you mean replicas?',
      'servers[0].services[1].overflow: expected a whole number from 0 to 1000000',
    ])
  })

  it.each([[null], [[]], ['text'], [{}], [{ servers: [] }], [{ servers: {} }], [{ servers: [7] }]])(
    'refuses %j',
    (given) => {
      expect(wrong(given).length).toBeGreaterThan(0)
    },
  )
})
