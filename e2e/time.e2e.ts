import { readFile } from 'node:fs/promises'
import type { Download, Locator, Page } from '@playwright/test'
import type { History } from '@poolscope/protocol'
import { fleetRow, openPool, violations } from './support/page.ts'
import { type Agent, expect, test } from './support/stack.ts'

const chart = (page: Page, name: string) => page.getByRole('figure', { name, exact: true })

/** Waits until the agent has told of so many more ticks. */
async function ticks(agent: Agent, count: number): Promise<void> {
  const from = (await agent.fleet()).atMs
  await expect.poll(async () => (await agent.fleet()).atMs - from).toBeGreaterThanOrEqual(count * 1000)
}

/** Drags over a part of a chart's plot, from and to a share of its width. */
async function drag(figure: Locator, from: number, to: number): Promise<void> {
  const box = await figure.getByRole('slider').boundingBox()
  if (box === null) throw new Error('The chart is not on screen.')
  // The plot begins behind its axis, 56 px, and ends 8 px before the edge.
  const x = (share: number) => box.x + 56 + share * (box.width - 64)
  const { mouse } = figure.page()
  await mouse.move(x(from), box.y + 60)
  await mouse.down()
  await mouse.move(x((from + to) / 2), box.y + 60)
  await mouse.move(x(to), box.y + 60)
  await mouse.up()
}

/** The range in the address; null while it follows what is live. */
function rangeOf(page: Page): { fromMs: number; toMs: number } | null {
  const { searchParams } = new URL(page.url())
  const [from, to] = [searchParams.get('from'), searchParams.get('to')]
  return from === null || to === null ? null : { fromMs: Number(from), toMs: Number(to) }
}

async function save(page: Page, figure: Locator, kind: 'CSV' | 'PNG'): Promise<Download> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    figure.getByRole('button', { name: `save as ${kind}` }).click(),
  ])
  return download
}

/** The rows of a saved CSV: the time of each, and its other cells by name. */
async function csvOf(page: Page, figure: Locator) {
  const text = await readFile(await (await save(page, figure, 'CSV')).path(), 'utf8')
  const [head = '', ...lines] = text.trimEnd().split('\r\n')
  const names = [...head.matchAll(/"([^"]*)"/g)].map((match) => match[1] as string)
  return lines.map((line) => {
    const [time = '', ...cells] = line.split(',')
    const values = Object.fromEntries(names.map((name, index) => [name, cells[index] as string]))
    return { time, atMs: Date.parse(time), values }
  })
}

/** The longest time between two numbers that the agent itself has of a service, ms: it may have stood still. */
async function longestGap(agent: Agent, service: string, fromMs: number, toMs: number): Promise<number> {
  const group = (await agent.fleet()).groups.find((one) => one.service === service)
  const range = `fromMs=${fromMs}&toMs=${toMs}&points=2000`
  const history = (await (await agent.get(`/api/v1/groups/${group?.id}/history?${range}`)).json()) as History
  const known = history.atMs.filter((_, index) => (history.columns.inUse?.[index] ?? null) !== null)
  return Math.max(...known.slice(1).map((atMs, index) => atMs - (known[index] as number)))
}

const CHARTS = ['Connections', 'Waiting for a connection', 'Wait time', 'Hold time', 'Checkouts']

test('a drag across a chart zooms all of them, in the address, and back again', async ({
  page,
  agent,
  app,
}) => {
  const shop = await app('zoomed', 4)
  await shop.tell({ hold: 3 })
  await openPool(page, agent.url, 'zoomed')
  await expect(chart(page, 'Connections').getByText('3', { exact: true }).first()).toBeVisible()
  await ticks(agent, 4)
  // The last tenth of five minutes: 30 s.
  await drag(chart(page, 'Connections'), 0.9, 1)
  await expect.poll(() => rangeOf(page)).not.toBeNull()
  const range = rangeOf(page)
  if (range === null) return
  expect(range.toMs - range.fromMs).toBeGreaterThan(25_000)
  expect(range.toMs - range.fromMs).toBeLessThan(35_000)
  await expect(page.getByRole('button', { name: 'Follow live' })).toBeVisible()
  for (const name of CHARTS.slice(0, 2)) {
    const rows = await csvOf(page, chart(page, name))
    expect(rows.length, name).toBeGreaterThan(2)
    for (const { atMs } of rows) {
      expect(atMs).toBeGreaterThanOrEqual(range.fromMs)
      expect(atMs).toBeLessThanOrEqual(range.toMs)
    }
  }
  const axisOf = (name: string) => chart(page, name).locator('svg text').allTextContents()
  const times = async (name: string) => (await axisOf(name)).filter((text) => /^\d\d:\d\d:\d\d$/.test(text))
  const shown = await times('Connections')
  expect(shown.length).toBeGreaterThan(1)
  for (const name of CHARTS) expect(await times(name), name).toEqual(shown)
  expect(await violations(page)).toEqual([])

  await page.reload()
  await expect(chart(page, 'Connections').locator('path[data-series="inUse"]')).toHaveAttribute('d', /M/)
  expect(rangeOf(page)).toEqual(range)
  expect(await times('Connections')).toEqual(shown)

  await page.goBack()
  await expect.poll(() => rangeOf(page)).toBeNull()
  await expect(page.getByRole('button', { name: 'Follow live' })).toBeHidden()
  // Escape undoes a zoom before it leaves the page; so does a double click.
  await drag(chart(page, 'Hold time'), 0.5, 0.9)
  await expect.poll(() => rangeOf(page)).not.toBeNull()
  await page.keyboard.press('Escape')
  await expect.poll(() => rangeOf(page)).toBeNull()
  await drag(chart(page, 'Hold time'), 0.5, 0.9)
  await expect.poll(() => rangeOf(page)).not.toBeNull()
  await chart(page, 'Hold time').getByRole('slider').dblclick()
  await expect.poll(() => rangeOf(page)).toBeNull()
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/\/fleet$/)
})

/** Moves a finger over a chart's plot, from and to a share of its width and so many px down. */
async function swipe(page: Page, figure: Locator, [from, to]: [number, number], down: number): Promise<void> {
  const box = await figure.getByRole('slider').boundingBox()
  if (box === null) throw new Error('The chart is not on screen.')
  const at = (part: number) => ({
    x: box.x + 56 + (from + part * (to - from)) * (box.width - 64),
    y: box.y + 100 + part * down,
  })
  const client = await page.context().newCDPSession(page)
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: { x: number; y: number }[]) =>
    client.send('Input.dispatchTouchEvent', { type, touchPoints })
  await send('touchStart', [at(0)])
  for (let step = 1; step <= 10; step++) await send('touchMove', [at(step / 10)])
  await send('touchEnd', [])
  await client.detach()
}

test('a finger zooms across a chart, reads where it taps, and scrolls the page up and down', async ({
  browser,
  agent,
  app,
}) => {
  const shop = await app('touched', 4)
  await shop.tell({ hold: 3 })
  const context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 780 } })
  try {
    const page = await context.newPage()
    await openPool(page, agent.url, 'touched')
    const figure = chart(page, 'Connections')
    await expect(figure.getByText('3', { exact: true }).first()).toBeVisible()
    await figure.scrollIntoViewIfNeeded()
    const before = await page.evaluate(() => scrollY)
    await swipe(page, figure, [0.5, 0.55], -90)
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(before)
    expect(rangeOf(page)).toBeNull()

    const slider = figure.getByRole('slider')
    await slider.tap({ position: { x: 300, y: 60 } })
    await expect(slider.getByText(/^\d\d:\d\d:\d\d/)).toBeVisible()
    expect(rangeOf(page)).toBeNull()

    await swipe(page, figure, [0.5, 0.9], 0)
    await expect.poll(() => rangeOf(page)).not.toBeNull()
    const range = rangeOf(page)
    // 40 % of five minutes: 120 s.
    expect((range?.toMs ?? 0) - (range?.fromMs ?? 0)).toBeGreaterThan(110_000)
    expect((range?.toMs ?? 0) - (range?.fromMs ?? 0)).toBeLessThan(130_000)
  } finally {
    await context.close()
  }
})

test('a page that is paused stands still, and goes on where the agent is', async ({ page, agent, app }) => {
  const shop = await app('paused', 4)
  await shop.tell({ hold: 2 })
  await openPool(page, agent.url, 'paused')
  const path = chart(page, 'Connections').locator('path[data-series="inUse"]')
  await expect(path).toHaveAttribute('d', /M/)
  await page.keyboard.press('p')
  await expect(page.getByText(/^Paused/)).toBeVisible()
  const before = await path.getAttribute('d')
  await shop.tell({ hold: 4 })
  await ticks(agent, 3)
  expect(await path.getAttribute('d')).toBe(before)
  await page.keyboard.press('p')
  await expect(path).not.toHaveAttribute('d', before as string)
  await expect(chart(page, 'Connections').getByText('4', { exact: true }).first()).toBeVisible()
})

test('what is saved is what is shown: CSV parses, history and live ticks meet without a seam, PNG is an image', async ({
  page,
  agent,
  app,
}) => {
  const shop = await app('saved', 5)
  await shop.tell({ hold: 3 })
  await openPool(page, agent.url, 'saved')
  await ticks(agent, 3)
  await page.goto(`${page.url()}?from=-15m`)
  await expect(chart(page, 'Connections').getByText(/^3/).first()).toBeVisible()
  await ticks(agent, 4)
  const rows = await csvOf(page, chart(page, 'Connections'))
  expect(rows.length).toBeGreaterThan(4)
  const apart = rows.slice(1).map(({ atMs }, index) => atMs - (rows[index]?.atMs ?? Number.NaN))
  const usual = apart.toSorted((a, b) => a - b)[Math.floor(apart.length / 2)] as number
  const [begin = Number.NaN, end = Number.NaN] = [rows[0]?.atMs, rows.at(-1)?.atMs]
  const own = await longestGap(agent, 'saved', begin, end)
  for (const [index, ms] of apart.entries()) {
    expect(ms, rows[index + 1]?.time).toBeGreaterThan(0)
    expect(ms, rows[index + 1]?.time).toBeLessThan(Math.max(usual, own) * 2.5)
  }
  for (const { time } of rows) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  const inUse = Object.entries(rows.at(-1)?.values ?? {}).find(([name]) => name.startsWith('in use'))
  expect(inUse?.[0]).toContain('(count)')
  expect(Number(inUse?.[1])).toBe(3)

  const png = await readFile(await (await save(page, chart(page, 'Connections'), 'PNG')).path())
  expect(png.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n')
  // Width and height stand behind the first chunk's head.
  expect(png.readUInt32BE(16)).toBeGreaterThan(800)
  expect(png.readUInt32BE(20)).toBeGreaterThan(400)
  const colours = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))
    const image = await createImageBitmap(new Blob([bytes]))
    const canvas = new OffscreenCanvas(image.width, image.height)
    const context = canvas.getContext('2d')
    context?.drawImage(image, 0, 0)
    const { data = [] } = context?.getImageData(0, 0, image.width, image.height) ?? {}
    const seen = new Set<string>()
    for (let i = 0; i < data.length; i += 4) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`)
    return seen.size
  }, png.toString('base64'))
  expect(colours).toBeGreaterThan(20)
})

test('an instance has charts of its own', async ({ page, agent, app }) => {
  const one = await app('twins', 5)
  const two = await app('twins', 5)
  await one.tell({ hold: 1 })
  await two.tell({ hold: 4 })
  await openPool(page, agent.url, 'twins')
  const figure = chart(page, 'Connections')
  const legend = figure.getByRole('listitem').filter({ hasText: 'in use' })
  await expect(legend).toHaveText(/in use 5$/)
  const { pools } = await agent.fleet()
  const busy = pools.find(({ service, inUse }) => service === 'twins' && inUse === 4)
  await page.getByLabel('Instance').selectOption({ label: busy?.instance as string })
  await expect(legend).toHaveText(/in use 4$/)
  await ticks(agent, 3)
  const rows = await csvOf(page, figure)
  const last = rows.slice(-3).map(({ values }) => values['in use (count)'])
  expect(last).toEqual(['4', '4', '4'])
})

test('the time goes along from page to page, and is chosen by keyboard', async ({ page, agent, app }) => {
  const shop = await app('along', 4)
  await shop.tell({ hold: 1 })
  await openPool(page, agent.url, 'along')
  await page.keyboard.press('t')
  await expect(page.getByRole('dialog', { name: 'Time shown' })).toBeVisible()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\?from=-1h$/)
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Fleet' }).click()
  await expect(page).toHaveURL(/\/fleet\?from=-1h$/)
  await expect(page.getByRole('columnheader', { name: 'In use, 1 h' })).toBeVisible()
  await page.keyboard.press('[')
  await expect(page.getByRole('region', { name: 'Time shown' })).toContainText('all numbers are of now')
  await expect(fleetRow(page, 'along').getByRole('link')).toHaveAttribute('href', /from=\d+&to=\d+/)
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('l')
  await expect(page).toHaveURL(/\/fleet$/)
})
