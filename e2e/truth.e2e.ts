import { WebSocket } from 'ws'
import { fleetRow, openPool, startingWith, stat } from './support/page.ts'
import { expect, test } from './support/stack.ts'

/** The group's numbers in the next live frames, until they are as wanted. */
async function liveNumbers(port: number, service: string): Promise<() => Record<string, number | null>> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/live`)
  let columns: string[] = []
  let index = -1
  let numbers: Record<string, number | null> = {}
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    if (message.type === 'hello') columns = message.poolColumns
    if (message.type === 'catalogue') {
      index = message.groups.findIndex((group: { service: string }) => group.service === service)
    }
    if (message.type === 'tick') {
      numbers = Object.fromEntries(columns.map((name, i) => [name, message.groups[i]?.[index] ?? null]))
    }
  })
  await new Promise((resolve) => socket.once('open', resolve))
  return () => numbers
}

test('REST, socket, metrics and both pages show the same holders and waiters', async ({
  page,
  agent,
  app,
}) => {
  const shop = await app('truth', 5)
  const live = await liveNumbers(agent.port, 'truth')
  const group = async () => (await agent.fleet()).groups.find(({ service }) => service === 'truth')
  for (const [holders, waiters] of [
    [3, 0],
    [5, 4],
  ] as const) {
    await shop.tell({ hold: holders })
    shop.send({ wait: waiters })
    const wanted = { inUse: holders, waiting: waiters, connecting: 0 }
    await expect.poll(group).toMatchObject(wanted)
    await expect.poll(live).toMatchObject(wanted)
    await expect
      .poll(async () => {
        const text = await (await agent.get('/metrics')).text()
        const lines = text.split('\n').filter((line) => line.includes('service_name="truth"'))
        const value = (part: string) =>
          Number(
            lines
              .find((line) => line.includes(part))
              ?.split(' ')
              .at(-1),
          )
        return [value('connection_state="used"'), value('db_client_connection_pending_requests')]
      })
      .toEqual([holders, waiters])
    await page.goto(`${agent.url}/fleet`)
    await expect(fleetRow(page, 'truth')).toContainText(`${holders}/5`)
    await openPool(page, agent.url, 'truth')
    await expect(stat(page, 'In use')).toHaveText(startingWith(holders))
    await expect(stat(page, 'Waiting')).toHaveText(startingWith(waiters))
  }
  await expect(page.getByText('Out of connections: 5 of 5 in use, 4 waiting.').first()).toBeVisible()
  await shop.tell({ release: true })
  await expect(stat(page, 'In use')).toHaveText(startingWith(0))
  await expect(stat(page, 'Waiting')).toHaveText(startingWith(0))
})

test('a holder shows its age, its server process and the code that asked', async ({ page, agent, app }) => {
  const shop = await app('holding', 3)
  await shop.tell({ hold: 1 })
  await openPool(page, agent.url, 'holding')
  const table = page.getByRole('table', { name: /Connections in use/ })
  const code = table.getByRole('button', { name: /reserveStock .*app\.mjs:\d+/ })
  await expect(code).toBeVisible()
  // A press while the first live message takes the place of the answer to a request may open a row that goes.
  await expect(async () => {
    if ((await code.getAttribute('aria-expanded')) === 'false') await code.click()
    await expect(code).toHaveAttribute('aria-expanded', 'true', { timeout: 3000 })
  }).toPass({ timeout: 60_000 })
  const holder = async () => {
    const pool = (await agent.fleet()).pools.find(({ service }) => service === 'holding')
    return (await (await agent.get(`/api/v1/pools/${pool?.id}/holders`)).json()).holders?.[0]
  }
  // What its session does only the server knows, which is asked once a second.
  await expect.poll(holder).toMatchObject({ sessionPid: expect.any(Number), sessionState: 'idle' })
  const { sessionPid } = await holder()
  await expect(table.getByRole('cell', { name: String(sessionPid), exact: true })).toBeVisible()
})

test('load moves the chart', async ({ page, agent, app }) => {
  const shop = await app('moving', 4)
  await openPool(page, agent.url, 'moving')
  const chart = page.getByRole('figure', { name: 'Connections', exact: true })
  const drawn = () =>
    chart.locator('path[d]').evaluateAll((paths) => paths.map((p) => p.getAttribute('d')).join())
  await expect(chart.getByRole('listitem').filter({ hasText: 'in use' })).toContainText('0')
  const calm = await drawn()
  await shop.tell({ hold: 4 })
  await expect(chart.getByRole('listitem').filter({ hasText: 'in use' })).toContainText('4')
  await expect.poll(drawn).not.toBe(calm)
})

test('an application without a probe is seen by its sessions, and what is not known stays unknown', async ({
  page,
  agent,
  app,
}) => {
  const legacy = await app('legacy', 2, { probe: false })
  await legacy.tell({ query: 'SELECT 1' })
  const row = fleetRow(page, 'legacy')
  await page.goto(`${agent.url}/fleet`)
  await expect(row).toContainText('no probe')
  await expect(row).toContainText('0/—')
  await row.getByRole('link').click()
  await expect(stat(page, 'Waiting')).toHaveText(startingWith('—'))
  await expect(stat(page, 'Idle')).toHaveText(startingWith(1))
})

test('two tabs agree', async ({ context, agent, app }) => {
  const shop = await app('tabs', 5)
  await shop.tell({ hold: 2 })
  const [one, two] = [await context.newPage(), await context.newPage()]
  await openPool(one, agent.url, 'tabs')
  await openPool(two, agent.url, 'tabs')
  await shop.tell({ hold: 4 })
  for (const tab of [one, two]) await expect(stat(tab, 'In use')).toHaveText(startingWith(4))
})

test('what a server runs is on its page without its literals, with the pools that run it', async ({
  page,
  agent,
  app,
}) => {
  const shop = await app('reporting', 2)
  const literal = 'canary-of-a-statement'
  const { servers } = await agent.fleet()
  await page.goto(`${agent.url}/servers/${servers[0]?.id}`)
  const row = page
    .getByRole('table', { name: 'Statements' })
    .getByRole('row')
    .filter({ hasText: 'AS reported' })
  // Counters are differences between two readings, so that it has to run in more than one of them.
  await expect
    .poll(
      async () => {
        await shop.tell({ query: `SELECT '${literal}' AS reported, count(*) FROM pg_class` })
        return row.count()
      },
      { timeout: 45_000 },
    )
    .toBe(1)
  await expect(row).toContainText('SELECT ? AS reported, count(*) FROM pg_class')
  await expect(row.getByRole('link', { name: 'reporting / main' })).toBeVisible()
  expect(await page.content()).not.toContain(literal)
})

test('the map leads from an application to its server', async ({ page, agent, app }) => {
  const shop = await app('mapped', 3)
  await shop.tell({ hold: 2 })
  await page.goto(`${agent.url}/map`)
  const pools = page.getByRole('list', { name: 'Pools' })
  const pool = pools.getByRole('link', { name: /leads to 127\.0\.0\.1/ }).filter({ hasText: '2/3' })
  await expect(pool).toBeVisible()
  await expect(
    page.getByRole('list', { name: 'Applications' }).getByRole('link', { name: /^mapped/ }),
  ).toBeVisible()
  await pool.click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('mapped / main')
})
