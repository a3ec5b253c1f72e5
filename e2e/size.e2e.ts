import type { Page } from '@playwright/test'
import { collectErrors, goByKeys, openPool, violations } from './support/page.ts'
import { expect, test } from './support/stack.ts'

/** The field for a number, not the slider beside it. */
const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
/** What the page advises. */
const verdict = (page: Page) => page.getByRole('status').filter({ hasText: 'Set max' })

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the calculator, ${theme}`, async ({ page, agent }) => {
    const errors = collectErrors(page)
    await page.emulateMedia({ colorScheme: theme })
    await page.goto(`${agent.url}/size`)
    await expect(page.getByRole('heading', { name: 'Nothing bounds the size yet' })).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.goto(`${agent.url}/size?rate=200&hold=9&instances=6&cores=8&limit=200&target=20`)
    await expect(page.getByRole('slider', { name: /^Predicted wait/ })).toBeVisible()
    await expect(page.getByRole('table', { name: 'Budget' })).toBeVisible()
    expect(await violations(page)).toEqual([])
    await page.goto(`${agent.url}/size?cores=banana&limit=100&reserved=100`)
    await expect(page.getByText('not “banana”')).toBeVisible()
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
  })
}

test('a newcomer begins with an example and gets a size with its reason', async ({ page, agent }) => {
  await page.goto(`${agent.url}/fleet`)
  await page.getByRole('link', { name: 'Size', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Size a pool' })).toBeVisible()
  await page.getByRole('button', { name: '4 cores, 1 disk' }).click()
  // (4 x 2) + 1 = 9
  await expect(verdict(page)).toContainText('Set max to 9 ((4 x 2) + 1 = 9)')
  await page.getByRole('button', { name: '100 connections, 4 instances' }).click()
  // The nine are the database's: two for each of four instances, below (100 - 20) / 4.
  await expect(verdict(page)).toContainText('Set max to 2 in each instance')
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing bounds the size yet' })).toBeVisible()
  await expect(page).toHaveURL(/\/size$/)
})

test('everything is in the address, and comes back from it', async ({ page, agent }) => {
  await page.goto(`${agent.url}/size`)
  await field(page, 'Checkouts').fill('200')
  await field(page, 'Mean hold').fill('10')
  await field(page, 'Instances').fill('2')
  await field(page, 'Longest wait').fill('20')
  // 200/s x 10 ms = 2 busy, 1 in each; three connections keep 99 of 100 waits below 20 ms.
  await expect(verdict(page)).toContainText('Set max to 3 in each instance')
  await page.getByRole('tab', { name: 'Go database/sql' }).click()
  await expect(page.getByText('db.SetMaxOpenConns(3)')).toBeVisible()
  await expect(page).toHaveURL(/rate=200.*lib=go|lib=go.*rate=200/)
  const address = page.url()
  await page.goto('about:blank')
  await page.goto(address)
  await expect(field(page, 'Mean hold')).toHaveValue('10')
  await expect(verdict(page)).toContainText('Set max to 3 in each instance')
  await expect(page.getByText('db.SetMaxOpenConns(3)')).toBeVisible()
})

test('sliders and charts work by keyboard', async ({ page, agent }) => {
  await page.goto(`${agent.url}/fleet`)
  // The page is painted before it hears keys.
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await goByKeys(page, 'g', 'c', /\/size/)
  const slider = page.getByRole('slider', { name: 'Cores, slider' })
  await slider.focus()
  await page.keyboard.press('ArrowRight')
  await expect(field(page, 'Cores')).toHaveValue('2')
  await expect(verdict(page)).toContainText('Set max to 4')
  await field(page, 'Checkouts').fill('300')
  await field(page, 'Mean hold').fill('10')
  const chart = page.getByRole('slider', { name: /^Predicted wait/ })
  await chart.focus()
  await page.keyboard.press('End')
  await expect(chart).toHaveAttribute('aria-valuetext', /connections: p50 .*, p95 .*, p99 /)
  const figure = page.getByRole('figure', { name: 'Predicted wait' })
  await figure.getByRole('button', { name: 'Table' }).click()
  // Three connections are busy all the time, so that with three the queue grows without end.
  await expect(figure.getByRole('row', { name: '3 — — —' })).toBeVisible()
})

test('a wrong number is explained where it stands, and decides nothing', async ({ page, agent }) => {
  await page.goto(`${agent.url}/size?cores=4`)
  await expect(verdict(page)).toContainText('Set max to 8')
  await field(page, 'Cores').fill('2.5')
  await expect(field(page, 'Cores')).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByText('Cores must be a whole number from 1 to 4096 cores, not 2.5.')).toBeVisible()
  await expect(page.getByText('Left out, because wrong: Cores.')).toBeVisible()
  await field(page, 'Cores').fill('4')
  for (const [key, text] of [
    ['rate', '1e308'],
    ['hold', '0'],
    ['limit', '-5'],
    ['size', 'Infinity'],
  ]) {
    await page.goto(`${agent.url}/size?cores=4&${key}=${text}`)
    await expect(page.getByRole('alert').first()).toContainText('must be')
    await expect(page.locator('body')).not.toContainText(/NaN|Infinity connections/)
  }
})

test('a pool fills the calculator with what is measured of it', async ({ page, agent, app }) => {
  const shop = await app('sized', 7)
  const work = setInterval(() => shop.send({ query: 'SELECT pg_sleep(0.02)' }), 50)
  try {
    await openPool(page, agent.url, 'sized')
    await page.getByRole('link', { name: 'Size this pool' }).click()
    await expect(page.getByText('Measured over the last minutes')).toBeVisible()
    const measured = (name: string) => page.locator('div', { has: page.getByLabel(name, { exact: true }) })
    await expect(measured('Checkouts').getByText('measured').first()).toBeVisible()
    await expect(measured('max_connections').getByText('measured').first()).toBeVisible()
    await expect(measured('Cores').getByText('assumed').first()).toBeVisible()
    await expect(field(page, 'Instances')).toHaveValue('1')
    const { servers } = await agent.fleet()
    await expect(field(page, 'max_connections')).toHaveValue(String(servers[0]?.maxConnections))
    // Until the first samples are in, a rate may not be known yet.
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: 'Measure again' }).click()
        return Number(await field(page, 'Checkouts').inputValue())
      })
      .toBeGreaterThan(5)
    await expect(page.getByText('is set to 7 now')).toBeVisible()
    await expect(
      page.getByRole('table', { name: 'Budget' }).getByRole('link', { name: /^sized/ }),
    ).toBeVisible()
    await field(page, 'Cores').fill('16')
    await expect(page).toHaveURL(/pool=.*cores=16|cores=16.*pool=/)
    await field(page, 'More in a roll-out').fill('0')
    await field(page, 'Gone at once').fill('100')
    await expect(page.getByText('Gone at once must be from 0 to 99 %.')).toBeVisible()
    await field(page, 'Gone at once').fill('50')
    // Its only instance
    await expect(page.getByText(/No instance would be left of .*sized/)).toBeVisible()
    await expect(page).toHaveURL(/surge=0/)
  } finally {
    clearInterval(work)
  }
})

test('a pool is replayed by its own traffic, beside the page', async ({ page, agent, app }) => {
  const errors = collectErrors(page)
  const shop = await app('replayed', 7)
  // Opens all connections: what waits for a new one is not to be among the callers that count.
  await shop.tell({ hold: 7 })
  await shop.tell({ release: true })
  // Four ask at once and nobody before all are served: with fewer connections one of them waits for a hold, with
  // more nobody gains. Holds are long beside what a busy machine adds to them.
  await shop.tell({ rounds: { callers: 4, query: 'SELECT pg_sleep(0.5)', pauseMs: 600 } })
  await openPool(page, agent.url, 'replayed')
  const workers: string[] = []
  page.on('worker', (worker) => workers.push(worker.url()))
  // Who reaches for the link has the worker started, and who presses takes it over.
  const link = page.getByRole('link', { name: 'Size this pool' })
  await link.hover()
  await expect.poll(() => workers.length).toBe(1)
  await link.click()
  await expect(page.getByRole('heading', { name: 'By its own traffic' })).toBeVisible()
  const evidence = page.getByRole('list', { name: 'Evidence' })
  const sentence = page.getByRole('status').filter({ hasText: 'in each instance: it is the smallest' })
  // The record begins with the pool: looked at again until there is enough of it, and its waits are those of the
  // pool rather than of a machine that was busy at first.
  await expect(async () => {
    await page.getByRole('button', { name: /^(Replay|Look) again$/ }).click()
    const text = await evidence.getByText(/ checkouts in /).textContent({ timeout: 5000 })
    expect(Number(/^(\d[\d,]*) checkouts/.exec(text ?? '')?.[1]?.replace(',', ''))).toBeGreaterThan(100)
    await expect(sentence).toBeVisible({ timeout: 5000 })
  }).toPass({ timeout: 120_000, intervals: [1000] })
  await expect(evidence).toContainText('request ids not known')
  const advised = Number(/max (?:to|at) (\d+)/.exec((await sentence.textContent()) ?? '')?.[1])
  expect(advised).toBeGreaterThanOrEqual(3)
  expect(advised).toBeLessThanOrEqual(4)
  const figure = page.getByRole('figure', { name: 'Wait, replayed' })
  await figure.getByRole('button', { name: 'Table' }).click()
  await expect(figure.getByRole('columnheader', { name: 'Erlang C p95' })).toBeVisible()
  await expect(figure.getByRole('columnheader', { name: 'p95 band' })).toBeVisible()
  // With three, the last of four waits for one hold of 500 ms; the pause is long enough for that hold too.
  const three = figure.getByRole('row', { name: /^3 / }).getByRole('cell').nth(1)
  await expect(three).toHaveText(/ms$/)
  const waitMs = Number.parseFloat((await three.textContent()) ?? '')
  expect(waitMs).toBeGreaterThan(400)
  expect(workers[0]).toMatch(/\/assets\/replay-worker-.*\.js$/)
  expect(page.workers()).toEqual([])
  // A field that the bar on top half covers counts as too small to hit.
  await page.evaluate(() => scrollTo(0, 0))
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await violations(page)).toEqual([])
  }
  // The page gives one answer, and what is to be pasted is it.
  const answer = page
    .getByRole('status')
    .filter({ hasText: 'would have served its recorded traffic as well' })
  await expect(answer).toContainText(`Set max to ${advised}`)
  await expect(page.getByText(`max: ${advised},`)).toBeVisible()
  await expect(page.getByText('by the replay')).toBeVisible()
  await field(page, 'Checkouts').fill('500')
  await expect(answer).toHaveCount(0)
  await expect(page.getByText('by the model')).toBeVisible()
  await expect(page.getByText(`recorded the replay advises ${advised}; you ask for other`)).toBeVisible()
  await page.getByRole('button', { name: `Try a max of ${advised}` }).click()
  await expect(field(page, 'Max')).toHaveValue(String(advised))
  expect(errors).toEqual([])
})

test('the calculator does not scroll sideways on a phone', async ({ page, agent }) => {
  await page.setViewportSize({ width: 380, height: 844 })
  for (const query of ['', '?rate=2000&hold=9&instances=6&cores=8&limit=200&lib=pgbouncer-compose']) {
    await page.goto(`${agent.url}/size${query}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await page.waitForLoadState('networkidle')
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    expect(content, query).toBeLessThanOrEqual(screen as number)
  }
})
