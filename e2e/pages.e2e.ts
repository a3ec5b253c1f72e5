import { collectErrors, fleetRow, openPool, violations } from './support/page.ts'
import { expect, test } from './support/stack.ts'

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing on any page, ${theme}`, async ({ page, agent, app }) => {
    const shop = await app('checked', 4)
    const legacy = await app('checked-legacy', 2, { probe: false })
    await shop.tell({ hold: 4 })
    await legacy.tell({ query: 'SELECT 1' })
    shop.send({ wait: 2 })
    const errors = collectErrors(page)
    await page.emulateMedia({ colorScheme: theme })
    await page.goto(`${agent.url}/fleet`)
    await expect(fleetRow(page, 'checked-legacy')).toBeVisible()
    await expect(fleetRow(page, 'checked').first()).toContainText('critical')
    expect(await violations(page)).toEqual([])
    await openPool(page, agent.url, 'checked')
    await expect(page.getByRole('figure', { name: 'Wait time' })).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page
      .getByRole('figure', { name: 'Connections', exact: true })
      .getByRole('button', { name: 'Table' })
      .click()
    expect(await violations(page)).toEqual([])
    await page.goto(`${agent.url}/servers`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.getByRole('main').getByRole('link').first().click()
    await expect(page.getByRole('table', { name: 'Sessions' })).toBeVisible()
    await expect(page.getByText('idle_in_transaction_session_timeout')).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.goto(`${agent.url}/map`)
    await expect(page.getByRole('link', { name: /^checked .* critical, leads to main/ })).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog')).toBeVisible()
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
  })
}

test('an agent that nobody reports to says what to do', async ({ page, ownAgent }) => {
  const agent = await ownAgent(['--port', '0'])
  const errors = collectErrors(page)
  await page.goto(agent.url)
  await expect(page).toHaveURL(/\/fleet/)
  await expect(page.getByText("from '@poolscope/probe/pg'").first()).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.goto(`${agent.url}/servers`)
  await expect(page.getByText(/serve postgresql:/).first()).toBeVisible()
  expect(await violations(page)).toEqual([])
  expect(errors).toEqual([])
})

test('every page works by keyboard alone', async ({ page, agent, app }) => {
  const shop = await app('keys', 4)
  await shop.tell({ hold: 2 })
  await page.goto(`${agent.url}/fleet`)
  await expect(fleetRow(page, 'keys')).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('/')
  await page.keyboard.type('service:keys')
  await expect(page).toHaveURL(/q=service/)
  await page.keyboard.press('Enter')
  await expect(fleetRow(page, 'keys').getByRole('link')).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('keys')
  const slider = page.getByRole('slider', { name: /^Connections/ })
  await slider.focus()
  await page.keyboard.press('ArrowLeft')
  await expect(slider).toHaveAttribute('aria-valuetext', /in use/)
  await page.keyboard.press('Escape')
  await page.locator('body').click({ position: { x: 2, y: 2 } })
  await page.keyboard.press('Space')
  await expect(page.getByText(/Paused/)).toBeVisible()
  await page.keyboard.press('Space')
  await expect(page.getByText(/Paused/)).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/\/fleet/)
  await expect(fleetRow(page, 'keys').getByRole('link')).toBeFocused()
})

test('what is on the fleet page is in its address', async ({ page, agent, app }) => {
  const shop = await app('addressed', 4)
  await shop.tell({ hold: 1 })
  await page.goto(`${agent.url}/fleet?q=service%3Aaddressed`)
  await expect(page.getByRole('combobox', { name: 'Search pools' })).toHaveValue('service:addressed')
  await expect(fleetRow(page, 'addressed')).toBeVisible()
  await page.getByRole('button', { name: 'Waiting' }).click()
  await expect(page).toHaveURL(/sort=/)
  const address = page.url()
  await page.goto('about:blank')
  await page.goto(address)
  await expect(page.getByRole('columnheader', { name: 'Waiting' })).toHaveAttribute(
    'aria-sort',
    /descending|ascending/,
  )
})

test('no page scrolls sideways on a phone', async ({ page, agent, app }) => {
  const shop = await app('phone', 4)
  await shop.tell({ hold: 3 })
  await page.setViewportSize({ width: 390, height: 844 })
  const { servers } = await agent.fleet()
  await openPool(page, agent.url, 'phone')
  for (const path of [
    page.url(),
    `${agent.url}/fleet`,
    `${agent.url}/map`,
    `${agent.url}/servers/${servers[0]?.id}`,
  ]) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('networkidle')
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(content, path).toBeLessThanOrEqual(screen as number)
  }
})

test('no password, token or SQL literal reaches the browser or the log', async ({
  page,
  agent,
  database,
  app,
}) => {
  const literal = 'canary-literal-58d1'
  const shop = await app('secretive', 3)
  await shop.tell({ query: `SELECT '${literal}', pg_sleep(0.1)` })
  // For as long as the pages may take on a busy machine.
  shop.send({ query: `SELECT pg_sleep(90), '${literal}'` })
  const seen: string[] = []
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => seen.push(String(payload))))
  page.on('response', async (response) => seen.push(await response.text().catch(() => '')))
  await openPool(page, agent.url, 'secretive')
  await page.goto(`${agent.url}/servers`)
  await page.getByRole('main').getByRole('link').first().click()
  await expect(page.getByRole('cell', { name: 'active', exact: true }).first()).toBeVisible()
  seen.push(await page.content(), agent.output(), await (await agent.get('/metrics')).text())
  const all = seen.join('\n')
  expect(all).toContain('secretive')
  expect(all).not.toContain(literal)
  expect(all).not.toContain(database.password)
})

test('a thousand pools stay a small page', async ({ page, ownAgent }) => {
  const agent = await ownAgent(['--port', '0'])
  const histogram = { buckets: [321, 5], sumMs: 5, maxMs: 1 }
  const pool = (name: string, inUse: number) => ({
    name,
    system: 'postgresql',
    target: { host: null, port: null, database: null, user: null },
    max: 20,
    min: 0,
    acquireTimeoutMs: null,
    idleTimeoutMs: null,
    inUse,
    idle: 0,
    connecting: 0,
    waiting: 0,
    oldestWaitMs: null,
    ended: false,
    window: {
      checkouts: 5,
      timeouts: 0,
      errors: 0,
      created: 0,
      destroyed: 0,
      inUsePeak: inUse,
      waitingPeak: 0,
      wait: histogram,
      hold: histogram,
      create: { buckets: [], sumMs: 0, maxMs: 0 },
    },
    sessionPids: [],
    holders: [],
  })
  const report = async (sequence: number) => {
    for (let part = 0; part < 10; part++) {
      const pools = Array.from({ length: 100 }, (_, i) => pool(`pool-${part * 100 + i}`, (i + sequence) % 15))
      const body = {
        protocol: 1,
        probe: 'test/1',
        service: `service-${part}`,
        instance: 'one',
        startedAtMs: 1,
        sequence,
        windowMs: 1000,
        droppedTotal: 0,
        pools,
      }
      const answer = await fetch(`${agent.url}/api/v1/reports`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      expect(answer.status).toBe(200)
    }
  }
  await report(1)
  const errors = collectErrors(page)
  await page.goto(`${agent.url}/fleet`)
  await expect(page.getByRole('table', { name: 'Pools' })).toHaveAttribute('aria-rowcount', '1001')
  expect(await page.locator('*').count()).toBeLessThan(2000)
  await page.getByRole('combobox', { name: 'Search pools' }).fill('pool-777')
  await expect(page.getByRole('table', { name: 'Pools' })).toHaveAttribute('aria-rowcount', '2')
  await expect(page.getByRole('link', { name: /pool-777/ })).toBeVisible()
  expect(errors).toEqual([])
})
