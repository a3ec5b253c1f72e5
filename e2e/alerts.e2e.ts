import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collectErrors, fleetRow, goByKeys, violations } from './support/page.ts'
import { test as base, expect } from './support/stack.ts'

/** An agent whose rules speak within seconds, with a folder of its own. */
const test = base.extend<{ strict: Awaited<ReturnType<typeof agentOf>> }>({
  strict: async ({ ownAgent, database }, use) => {
    const dir = await mkdtemp(join(tmpdir(), 'poolscope-alerts-'))
    const agent = await agentOf(ownAgent, database.url, dir)
    await use(agent)
    await agent.stop()
    await rm(dir, { recursive: true })
  },
})

type OwnAgent = Parameters<Parameters<typeof base>[2]>[0]['ownAgent']

async function agentOf(ownAgent: OwnAgent, databaseUrl: string, dir: string) {
  const config = join(dir, 'poolscope.json')
  const rules = { exhaustion: { criticalForMs: 1000 } }
  await writeFile(config, JSON.stringify({ rules, leakQuietMs: { '*': 3000 } }))
  return ownAgent([databaseUrl, '--config', config, '--data', join(dir, 'data'), '--port', '0'])
}

test('a leak appears, is acknowledged and silenced, and resolves', async ({ page, app, strict }) => {
  const shop = await app('leaky', 4, { probe: true, agent: strict })
  const errors = collectErrors(page)
  await page.goto(`${strict.url}/alerts`)
  await expect(page.getByRole('heading', { name: 'Nothing fires' })).toBeVisible()
  await shop.tell({ hold: 4 })
  shop.send({ wait: 2 })
  const firing = page.getByRole('region', { name: 'Firing' })
  const alert = firing.getByRole('article').filter({ hasText: 'leaky' })
  await expect(alert).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('navigation', { name: 'Pages' })).toContainText(/Alerts\s*\d/)
  await expect(page).toHaveTitle(/^\(\d+\) Alerts/)

  await alert.getByRole('button', { name: 'Acknowledge' }).click()
  await expect(alert.getByText(/^acknowledged/)).toBeVisible()

  await alert.getByRole('button', { name: 'Silence …' }).click()
  const dialog = page.getByRole('dialog', { name: 'Silence' })
  await dialog.getByRole('textbox', { name: 'Why' }).fill('known, fixed tomorrow')
  await dialog.getByRole('button', { name: 'Silence' }).click()
  await expect(dialog).toBeHidden()
  await expect(alert.getByText('silenced')).toBeVisible()
  const side = page.getByRole('complementary', { name: 'Notifications' })
  await expect(side).toContainText('known, fixed tomorrow')
  await side.getByRole('button', { name: /^End the silence/ }).click()
  await expect(side).toContainText('Nothing is silenced.')

  await alert.getByRole('heading').getByRole('link').click()
  await expect(page.getByRole('heading', { name: 'What it rests on' })).toBeVisible()
  await expect(page.getByRole('figure', { name: 'Connections', exact: true })).toBeVisible()
  await expect(page.getByText(/reserveStock/).first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/\/alerts$/)

  await shop.tell({ release: true })
  await expect(page.getByRole('region', { name: 'Resolved' }).getByRole('article').first()).toContainText(
    'leaky',
    {
      timeout: 60_000,
    },
  )
  expect(errors).toEqual([])
})

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing on the pages of alerts, ${theme}`, async ({ page, app, strict }) => {
    const shop = await app('axed', 3, { probe: true, agent: strict })
    await shop.tell({ hold: 3 })
    shop.send({ wait: 2 })
    const errors = collectErrors(page)
    await page.emulateMedia({ colorScheme: theme })
    await page.goto(`${strict.url}/alerts`)
    const alert = page.getByRole('region', { name: 'Firing' }).getByRole('article').first()
    await expect(alert).toBeVisible({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    await alert.getByRole('button', { name: 'Silence …' }).click()
    expect(await violations(page)).toEqual([])
    await page.keyboard.press('Escape')
    await alert.getByRole('heading').getByRole('link').click()
    await expect(page.getByRole('figure', { name: 'Connections', exact: true })).toBeVisible()
    expect(await violations(page)).toEqual([])
    for (const list of ['checklist', 'anti-patterns', 'questions']) {
      await page.goto(`${strict.url}/advice?list=${list}`)
      await expect(page.getByRole('heading', { name: 'What was found' })).toBeVisible()
      expect(await violations(page)).toEqual([])
    }
    await page.goto(`${strict.url}/blackbox`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
  })
}

test('the pages of alerts work by keyboard and on a phone', async ({ page, app, strict }) => {
  const shop = await app('small', 3, { probe: true, agent: strict })
  await shop.tell({ hold: 3 })
  shop.send({ wait: 2 })
  await page.setViewportSize({ width: 380, height: 844 })
  await page.goto(`${strict.url}/fleet`)
  await expect(fleetRow(page, 'small')).toBeVisible()
  await goByKeys(page, 'g', 'a', /\/alerts$/)
  const alert = page.getByRole('region', { name: 'Firing' }).getByRole('article').first()
  await expect(alert).toBeVisible({ timeout: 60_000 })
  const fits = async () => {
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(content, page.url()).toBeLessThanOrEqual(screen as number)
  }
  await fits()
  await alert.getByRole('link').first().focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'What it rests on' })).toBeVisible()
  await fits()
  await goByKeys(page, 'g', 'v', /\/advice$/)
  await expect(page.getByRole('heading', { name: 'What was found' })).toBeVisible()
  await fits()
  await page.goto(`${strict.url}/advice?answer=unknown`)
  await expect(page.getByRole('button', { name: /unknown$/ })).toHaveAttribute('aria-pressed', 'true')
})

test('a rule leads to what the guide says of it', async ({ page, app, strict }) => {
  const shop = await app('guided', 3, { probe: true, agent: strict })
  await shop.tell({ hold: 3 })
  await page.goto(`${strict.url}/advice?answer=fail`)
  const link = page
    .getByRole('region', { name: 'Checklist' })
    .getByRole('link', { name: 'no-acquire-timeout' })
  const [guide] = await Promise.all([page.waitForEvent('popup'), link.click()])
  await expect(guide).toHaveURL(/\/guide\/rules\.html#no-acquire-timeout$/)
  await expect(guide.getByRole('heading', { name: 'no-acquire-timeout' })).toBeInViewport()
  expect(await violations(guide)).toEqual([])
})

test('a black box opens without its agent', async ({ page, app, ownAgent, database }, info) => {
  const dir = info.outputPath('agent')
  await mkdir(dir, { recursive: true })
  const first = await agentOf(ownAgent, database.url, dir)
  const shop = await app('frozen', 3, { probe: true, agent: first })
  await shop.tell({ hold: 3 })
  shop.send({ wait: 2 })
  await page.goto(`${first.url}/alerts`)
  await expect(
    page.getByRole('region', { name: 'Firing' }).getByRole('article').filter({ hasText: 'frozen' }),
  ).toBeVisible({ timeout: 60_000 })
  // It is written two minutes after the alert fired, or when the agent ends.
  await first.stop()
  const strict = await agentOf(ownAgent, database.url, dir)
  await page.goto(`${strict.url}/alerts`)
  const link = page.getByRole('link', { name: 'Download the black box' }).first()
  await expect(link).toBeVisible({ timeout: 30_000 })
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
  const path = info.outputPath('box.json')
  await download.saveAs(path)
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ version: 1 })
  await page.goto(`${strict.url}/blackbox`)
  const asked: string[] = []
  page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`))
  await page.getByLabel('Open the file of an alert, or drop it here.').setInputFiles(path)
  await expect(page.getByRole('figure', { name: 'Connections', exact: true })).toBeVisible()
  await expect(page.getByText(/reserveStock/).first()).toBeVisible()
  await expect(page.getByRole('table', { name: 'Pools' })).toContainText('frozen')
  expect(asked.filter((one) => one.startsWith('POST') || one.includes('/alerts'))).toEqual([])
  expect(await violations(page)).toEqual([])
})
