import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'
import { aPool, aReport, aSample, aSession, SERVER, testAgent } from './support.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'poolscope-budget-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Agent = Awaited<ReturnType<typeof testAgent>>
const agents: Agent[] = []
afterEach(async () => {
  for (const made of agents.splice(0)) await made.app.close()
})

/** An agent that watches a server of 100 connections, 3 of them reserved, on which these sessions are. */
async function agentWith(sessions: ReturnType<typeof aSession>[], access = {}): Promise<Agent> {
  const made = await testAgent(access)
  agents.push(made)
  made.fleet.addServer(SERVER)
  sample(made, sessions)
  return made
}

function sample(made: Agent, sessions: ReturnType<typeof aSession>[]) {
  made.fleet.takeServer(SERVER.id, { state: 'up', error: null, sample: aSample(made.clock.atMs, sessions) })
}

/** Two instances of a service whose pools hold sessions 1 and 2. */
function report(made: Agent, max: number | null) {
  for (const [index, instance] of ['a', 'b'].entries()) {
    const pool = aPool({ max, inUse: 1, sessionPids: [index + 1] })
    made.fleet.takeReport(aReport([pool], { instance }))
  }
  made.tick()
}

const ofServer = async (made: Agent) => {
  const answer = await made.app.inject(`/api/v1/servers/${SERVER.id}/budget`)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json()
}

const mine = { application: 'checkout', user: 'checkout' }
const owned = [aSession({ ...mine, pid: 1 }), aSession({ ...mine, pid: 2 })]

describe('GET /api/v1/servers/:id/budget', () => {
  it('sums what every pool may open and says that it fits', async () => {
    const made = await agentWith(owned)
    report(made, 40)
    const budget = await ofServer(made)
    // 2 x 40 declared, and the agent's own connection stays
    expect(budget).toMatchObject({
      maxConnections: 100,
      reserved: 3,
      usable: 97,
      open: 3,
      others: 1,
      worst: 81,
      // Old and new instances of checkout at once: 80 more.
      rollout: 161,
      unknown: 0,
      fits: true,
    })
    expect(budget.rows).toMatchObject([
      { service: 'checkout', instances: 2, max: 40, declared: 80, inUse: 2, open: 2, worst: 80, granted: 40 },
    ])
  })

  it('says what each may have when it does not fit', async () => {
    const made = await agentWith(owned)
    report(made, 60)
    const budget = await ofServer(made)
    expect(budget).toMatchObject({ worst: 121, fits: false })
    expect(budget.rows[0].granted).toBe(48) // (97 - 1) / 2
  })

  it('does not take an unknown max for none', async () => {
    const sessions = [...owned, aSession({ pid: 3 }), aSession({ pid: 4 })]
    const made = await agentWith([])
    // A login is a pool once three samples have shown it.
    for (let taken = 0; taken < 3; taken++) {
      report(made, 40)
      sample(made, sessions)
    }
    const budget = await ofServer(made)
    expect(budget).toMatchObject({ unknown: 1, fits: null, worst: 83 }) // 80 + 2 open of unknown max + 1
    expect(budget.rows[1]).toMatchObject({ service: 'backoffice', declared: null, open: 2, granted: null })
  })

  it('is not found for a server that nobody watches', async () => {
    const made = await agentWith([])
    expect((await made.app.inject('/api/v1/servers/none/budget')).statusCode).toBe(404)
  })
})

describe('poolscope budget --check --url', () => {
  async function check(made: Agent, ...more: string[]) {
    const url = await made.app.listen({ host: '127.0.0.1', port: 0 })
    return runCommand(['budget', '--check', '--url', url, ...more])
  }

  it('ends with 0 when everything fits', async () => {
    const made = await agentWith(owned)
    report(made, 40)
    const { code, stdout } = await check(made)
    expect(code).toBe(0)
    expect(stdout).toContain(
      '127.0.0.1:5432: fits. If every pool filled up: 81 of 97 usable; in a roll-out: 161; open now: 3.',
    )
    expect(stdout).toMatch(/checkout \/ orders +2 +40 +80 +2 +2 +40/)
  })

  it('ends with 1 when it does not, and says who may have what', async () => {
    const made = await agentWith(owned)
    report(made, 60)
    const { code, stdout, stderr } = await check(made, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject([{ fits: false, rows: [{ granted: 48 }] }])
    expect(stderr).toContain('1 of 1 server does not fit')
  })

  it('does not pass what cannot be known', async () => {
    const made = await agentWith(owned)
    report(made, null)
    const { code, stdout } = await check(made)
    expect(code).toBe(1)
    expect(stdout).toContain('cannot be known to fit')
    expect(stdout).toContain('1 of 1 have no known max')
  })

  it('holds it to a roll-out when asked to, and says of whom', async () => {
    const made = await agentWith(owned)
    report(made, 40)
    // Half of two on top is one more of 40: 81 + 40. With 32 each, 3 x 32 fit in 97 - 1.
    const { code, stdout } = await check(made, '--surge', '50')
    expect(code).toBe(1)
    expect(stdout).toContain('DOES NOT FIT. If every pool filled up: 81 of 97 usable; in a roll-out: 121;')
    expect(stdout).toMatch(/checkout \/ orders +2 +40 +80 +2 +2 +40 +32 +0/)
    expect(stdout).toContain('over_limit_in_rollout: ')
    expect(stdout).toContain('Roll-out of checkout / orders, 50 % more instances: 121 of 97, does not fit.')
  })

  it('holds those left to the traffic of those gone when asked to, and says by how much it is too small', async () => {
    const made = await agentWith(owned)
    report(made, 1)
    const url = await made.app.listen({ host: '127.0.0.1', port: 0 })
    const gate = (...more: string[]) => runCommand(['budget', '--check', '--url', url, ...more])
    // Four for two instances of one: 4 + 1 of 97 fit in a roll-out. One gone: the one left needs 2.
    expect(await gate('--surge', '100')).toMatchObject({ code: 0 })
    const { code, stdout } = await gate('--surge', '100', '--lost', '50')
    expect(code).toBe(1)
    expect(stdout).toContain('failover_too_small: ')
    expect(stdout).toContain('checkout / orders needs 2 in each of 1 left, 1 more than its max.')
    const json = await gate('--lost', '50', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject([
      {
        fits: true,
        problems: ['failover_too_small'],
        whatIf: {
          surgeRatio: null,
          lostRatio: 0.5,
          failoverFits: false,
          rows: [{ failover: { replicasLeft: 1, needsEach: 2, suffices: false } }],
        },
      },
    ])
    expect(await gate('--lost', '0')).toMatchObject({ code: 0 })
    for (const wrong of ['100', '-1', 'half']) {
      expect(await gate(`--lost=${wrong}`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('from 0 to 99'),
      })
    }
  })

  it('does not pass an agent that watches nothing, one that is not there, or one that wants a token', async () => {
    const empty = await testAgent()
    agents.push(empty)
    expect((await check(empty)).stderr).toContain('watches no server')
    expect(await runCommand(['budget', '--check', '--url', 'http://127.0.0.1:9'])).toMatchObject({
      code: 1,
      stderr: 'poolscope: No agent answers at http://127.0.0.1:9.',
    })
    const locked = await agentWith([], { token: 'canary-of-a-token' })
    const url = await locked.app.listen({ host: '127.0.0.1', port: 0 })
    expect(await runCommand(['budget', '--url', url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('POOLSCOPE_TOKEN'),
    })
    const allowed = await runCommand(['budget', '--url', url], { POOLSCOPE_TOKEN: 'canary-of-a-token' })
    expect(allowed).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('poolscope budget --file', () => {
  function file(text: string): string {
    const path = join(dir, `${Math.random()}.yaml`)
    writeFileSync(path, text)
    return path
  }
  const declared = (replicas: number, more = '') => `
servers:
  - name: orders-db
    maxConnections: 100
    reserved: 20
    ${more}
    services:
      - { name: web, replicas: ${replicas}, max: 20, surge: 1, needs: 5 }
`

  it('ends with 0 when what is declared fits, in a roll-out too', async () => {
    const { code, stdout } = await runCommand(['budget', '--check', '--file', file(declared(3))])
    expect(code).toBe(0)
    expect(stdout).toContain('orders-db: fits. 60 declared, 80 in a roll-out, of 80.')
  })

  it('ends with 1 when it fits until a roll-out, and with 0 when nothing is to be checked', async () => {
    const path = file(declared(4)) // 80, and 20 more
    const { code, stdout } = await runCommand(['budget', '--check', '--file', path])
    expect(code).toBe(1)
    expect(stdout).toContain('orders-db: DOES NOT FIT. 80 declared, 100 in a roll-out, of 80.')
    expect(stdout).toContain('over_limit_in_rollout: ')
    // 5 instances' worth of at most 80 connections
    expect(stdout).toMatch(/web +4 +20 +80 +20 +10 +16 +0/)
    expect((await runCommand(['budget', '--file', path])).code).toBe(0)
  })

  it('holds a file to another share of the replicas gone', async () => {
    const path = file(declared(3)) // 5 x 3 over the 2 left is 8; over the one left 15; of 20
    const gate = (...more: string[]) => runCommand(['budget', '--check', '--file', path, ...more])
    expect((await gate('--lost', '30')).stdout).toMatch(/30 % gone[\s\S]*web +3 +20 +60 +20 +8 /)
    const { code, stdout } = await gate()
    expect(code).toBe(0)
    expect(stdout).toMatch(/50 % gone[\s\S]*web +3 +20 +60 +20 +15 /)
    expect(await gate('--surge', '50')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('says `surge` of each service'),
    })
  })

  it('says what a pooler makes of it', async () => {
    const pooler = 'pooler: { mode: transaction, defaultPoolSize: 20, maxClientConn: 1000 }'
    const { code, stdout } = await runCommand(['budget', '--check', '--file', file(declared(12, pooler))])
    expect(code).toBe(0)
    expect(stdout).toContain(
      '240 declared, 260 in a roll-out, of 1000. The pooler opens 20 of 80 on the server.',
    )
    expect(stdout).toContain('max_prepared_statements')
  })

  it.each([
    [['--file', '/nonexistent.yaml'], 'expected a file that can be read'],
    [['--file', 'x', '--url', 'http://127.0.0.1:1'], 'not both'],
    [['--url', 'nonsense'], '--url must be the URL of an agent'],
    [['--url', 'ftp://127.0.0.1'], '--url must be the URL of an agent'],
    [['--chek'], 'Did you mean --check?'],
  ])('refuses %j', async (args, reason) => {
    const { code, stderr } = await runCommand(['budget', ...args])
    expect(code).toBe(2)
    expect(stderr).toContain(reason)
  })

  it('refuses a file that is wrong, with the place', async () => {
    const { code, stderr } = await runCommand(['budget', '--file', file(declared(0))])
    expect(code).toBe(2)
    expect(stderr).toContain('servers[0].services[0].replicas: expected a whole number from 1')
  })
})
