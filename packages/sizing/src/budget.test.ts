import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BudgetServer, type BudgetService, budgetOf } from './budget.ts'

const service = (over: Partial<BudgetService> = {}): BudgetService => ({
  name: 'web',
  replicas: 3,
  processes: 1,
  max: 20,
  overflow: 0,
  min: null,
  surge: 0,
  needs: null,
  ...over,
})
const direct = (maxConnections: number, reserved: number): BudgetServer => ({
  maxConnections,
  reserved,
  pooler: null,
})
const pooler = {
  mode: 'transaction',
  defaultPoolSize: 20,
  reservePoolSize: 0,
  maxClientConn: 1000,
  maxDbConnections: 0,
  pairs: 1,
  databases: 1,
} as const

describe(budgetOf, () => {
  it('counts what every pool may open', () => {
    const budget = budgetOf(direct(100, 20), [
      service(), // 3 x 1 x 20 = 60
      service({ name: 'jobs', replicas: 1, processes: 2, max: 5, overflow: 5, min: 1 }), // 1 x 2 x 10 = 20
    ])
    expect(budget).toMatchObject({ usable: 80, limit: 80, steady: 80, rollout: 80, fits: true })
    expect(budget.lines.map(({ declared, floor }) => [declared, floor])).toEqual([
      [60, null],
      [20, 2], // 2 pools x 1
    ])
  })

  it('counts old and new replicas together while the largest service is rolled out', () => {
    const budget = budgetOf(direct(120, 20), [
      service({ surge: 3 }), // 60, and 3 x 20 = 60 more
      service({ name: 'jobs', replicas: 2, max: 10, surge: 2 }), // 20, and 20 more
    ])
    expect(budget).toMatchObject({ steady: 80, rollout: 140, fits: false })
    expect(budget.problems).toEqual(['over_limit_in_rollout'])
  })

  it('shows who loses when it does not fit, the same part from everybody', () => {
    const budget = budgetOf(direct(110, 10), [
      service({ replicas: 4, max: 30 }), // 120
      service({ name: 'jobs', replicas: 2, max: 40 }), // 80
    ])
    expect(budget.problems).toEqual(['over_limit'])
    const granted = budget.lines.map((line) => line.granted as number)
    // Half of 200 fits into 100.
    expect(granted).toEqual([15, 20])
    expect(budget.lines.map(({ loses }) => loses)).toEqual([15, 20])
  })

  it('takes from what nobody needs before it takes from what somebody does', () => {
    const budget = budgetOf(direct(110, 10), [
      service({ replicas: 4, max: 30, needs: 10 }), // needs 40 of 120
      service({ name: 'jobs', replicas: 1, max: 60, needs: 60 }), // needs all 60
    ])
    expect(budget.lines.map(({ granted }) => granted)).toEqual([10, 60]) // 40 + 60 = 100
    expect(budget.lines.map(({ loses }) => loses)).toEqual([0, 0])
  })

  it('grants nothing when there are more pools than slots', () => {
    const budget = budgetOf(direct(100, 20), [service({ replicas: 200 })])
    expect(budget.problems).toContain('no_slot_each')
    expect(budget.lines[0]).toMatchObject({ granted: null, loses: null })
  })

  it('says what each pool needs when half of the replicas are gone', () => {
    const failover = (over: Partial<BudgetService>) =>
      budgetOf(direct(500, 0), [service(over)]).lines[0]?.failover
    // 3 x 8 = 24 connections' worth of traffic on the one replica that is left
    expect(failover({ needs: 8, max: 20 })).toEqual({ replicasLeft: 1, needsEach: 24, suffices: false })
    expect(failover({ replicas: 4, needs: 8 })).toEqual({ replicasLeft: 2, needsEach: 16, suffices: true })
    expect(failover({ needs: null })).toEqual({ replicasLeft: 1, needsEach: null, suffices: null })
    expect(failover({ replicas: 1, needs: 5 })).toEqual({
      replicasLeft: 0,
      needsEach: null,
      suffices: null,
    })
    expect(budgetOf(direct(500, 0), [service({ needs: 8 })]).problems).toEqual(['failover_too_small'])
  })

  it('holds services to the pooler’s clients and the pooler to the server’s slots', () => {
    // 3 x 20 = 60 clients, 20 on the server
    const budget = budgetOf({ ...direct(100, 20), pooler }, [service()])
    expect(budget).toMatchObject({ limit: 1000, steady: 60, poolerServer: 20, fits: true })
    expect(budget.caveats).toContain('protocol_prepared_statements_need_1_21')
    const many = { ...pooler, pairs: 5 } // 5 x 20 = 100 of 80
    expect(budgetOf({ ...direct(100, 20), pooler: many }, [service()]).problems).toEqual([
      'pooler_over_server',
    ])
  })

  it('knows that session pooling lets clients wait for whole sessions', () => {
    const budget = budgetOf({ ...direct(100, 20), pooler: { ...pooler, mode: 'session' } }, [service()])
    expect(budget.problems).toEqual(['session_pooling_waits']) // 60 clients for 20
    expect(budget.caveats).toEqual(['server_connection_for_each_client'])
  })

  it.each([
    [{ replicas: 0 }, 'web: replicas must be a whole number from 1'],
    [{ max: 2.5 }, 'web: max must be'],
    [{ overflow: -1 }, 'web: overflow must be'],
    [{ min: 21 }, 'web: min must be a whole number from 0 to 20 connections, not 21'],
    [{ needs: Number.NaN }, 'web: needs must be'],
  ])('refuses %j', (over, message) => {
    expect(() => budgetOf(direct(100, 20), [service(over)])).toThrow(message)
  })

  it('refuses to reserve everything', () => {
    expect(() => budgetOf(direct(100, 100), [])).toThrow('reserved must be a whole number from 0 to 99')
  })

  it('never grants more than fits, in a roll-out neither, nor more than was declared', () => {
    const small = (max: number) => fc.integer({ min: 1, max })
    const services = fc.array(
      fc.record({
        name: fc.constant('s'),
        replicas: small(20),
        processes: small(4),
        max: small(100),
        overflow: fc.integer({ min: 0, max: 20 }),
        min: fc.constant(null),
        surge: fc.integer({ min: 0, max: 20 }),
        needs: fc.option(small(120)),
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(services, fc.integer({ min: 2, max: 2000 }), (all, maxConnections) => {
        const { lines, usable, fits, problems } = budgetOf(direct(maxConnections, 1), all)
        if (lines.some(({ granted }) => granted === null)) {
          expect(problems).toContain('no_slot_each')
          return
        }
        const sizes = lines.map(({ granted }) => granted as number)
        const shrunk = budgetOf(
          direct(maxConnections, 1),
          all.map((one, index) => ({ ...one, max: sizes[index] as number, overflow: 0, needs: null })),
        )
        expect(shrunk.rollout).toBeLessThanOrEqual(usable)
        for (const [index, { each, loses }] of lines.entries()) {
          expect(sizes[index]).toBeGreaterThanOrEqual(1)
          expect(sizes[index]).toBeLessThanOrEqual(each)
          if (fits) expect(loses).toBe(0)
        }
      }),
      { numRuns: 500 },
    )
  })
})
