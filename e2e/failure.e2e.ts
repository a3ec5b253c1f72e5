import { fleetRow, openPool, startingWith, stat } from './support/page.ts'
import { expect, test } from './support/stack.ts'

test('a database that stops is said to be gone, keeps its last numbers, and heals by itself', async ({
  page,
  agent,
  database,
}) => {
  const { servers } = await agent.fleet()
  await page.goto(`${agent.url}/servers/${servers[0]?.id}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('127.0.0.1')
  await expect(page.getByText(/of 97 usable/)).toBeVisible()
  await database.stopServer()
  const trouble = page.getByRole('region', { name: 'Trouble' })
  await expect(trouble).toContainText('Does not answer')
  await expect(page.getByText(/of 97 usable/)).toBeVisible()
  expect((await agent.get('/health/db')).status).toBe(503)
  await database.startServer()
  await expect(trouble).toBeHidden()
  await expect.poll(async () => (await agent.get('/health/db')).status).toBe(200)
})

test('a probe that goes away turns stale and not zero', async ({ page, agent, app }) => {
  const shop = await app('goes-away', 5)
  await shop.tell({ hold: 3 })
  await openPool(page, agent.url, 'goes-away')
  await expect(stat(page, 'In use')).toHaveText(startingWith(3))
  await shop.kill()
  await expect(page.getByText('These are the last known numbers.')).toBeVisible()
  await expect(stat(page, 'In use')).toHaveText(startingWith(3))
  await page.goto(`${agent.url}/fleet`)
  await expect(fleetRow(page, 'goes-away')).toContainText('stale')
  await expect(fleetRow(page, 'goes-away')).toContainText('3/5')
})

test('an agent that dies is said to be gone, and its page heals when it is back', async ({
  page,
  database,
  app,
  ownAgent,
}) => {
  const first = await ownAgent([database.url, '--port', '0'])
  const shop = await app('survivor', 5, { probe: true, agent: first })
  await shop.tell({ hold: 2 })
  await openPool(page, first.url, 'survivor')
  await expect(stat(page, 'In use')).toHaveText(startingWith(2))
  await first.stop('SIGKILL')
  const banner = page.getByRole('region', { name: 'Connection', exact: true })
  await expect(banner).toContainText('No connection to the agent')
  await expect(stat(page, 'In use')).toHaveText(startingWith(2))
  await ownAgent([database.url, '--port', String(first.port)])
  await expect(banner).toBeHidden({ timeout: 45_000 })
  await shop.tell({ hold: 4 })
  await expect(stat(page, 'In use')).toHaveText(startingWith(4), { timeout: 45_000 })
})

test('a part of the page that could not be loaded comes by itself', async ({ page, agent, app }) => {
  const shop = await app('in-parts', 5)
  await shop.tell({ hold: 1 })
  let refused = 0
  await page.route(/ChartFigure/, async (route) => {
    refused += 1
    await (refused <= 2 ? route.abort() : route.continue())
  })
  await openPool(page, agent.url, 'in-parts')
  await expect(stat(page, 'In use')).toHaveText(startingWith(1))
  await expect(page.getByRole('figure', { name: 'Wait time' })).toBeVisible()
  expect(refused).toBeGreaterThan(2)
})

test('with every connection taken the agent still reports', async ({ page, agent, app }) => {
  const shop = await app('greedy', 200)
  shop.send({ hold: 200 })
  await page.goto(`${agent.url}/servers`)
  await expect
    .poll(async () => (await agent.fleet()).servers[0])
    .toMatchObject({ connections: { total: 100 }, state: 'up', stale: false, status: 'critical' })
})

test('a locked page asks for the token, and no token is kept where a script can read it', async ({
  page,
  ownAgent,
}) => {
  const token = 'canary-token-7f3a9b'
  const agent = await ownAgent(['--port', '0'], { POOLSCOPE_TOKEN: token })
  await page.goto(`${agent.url}/fleet`)
  await page.getByLabel(/token/i).fill('not the token')
  await page.getByRole('button', { name: /sign in|open/i }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByLabel(/token/i).fill(token)
  await page.getByRole('button', { name: /sign in|open/i }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible()
  const readable = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  )
  expect(readable).not.toContain(token)
  expect(page.url()).not.toContain(token)
  expect(agent.output()).not.toContain(token)
})
