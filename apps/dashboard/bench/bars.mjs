// The sixteen bars: each answers one or more figures. Ratios are taken in one browser, interleaved.
import { droppedFrames, heapBytes, longTasks, measureCpu, median, sleep, withPage } from './browser.mjs'
import { measureBundle } from './bundle.mjs'

const ROUNDS = 3
/** Loading and settling before anything is measured, ms. */
const SETTLE_MS = 1500

/** Measures both variants in turn and answers the medians of their ratios. */
async function against(bench, ours, ruler, measure) {
  const rounds = { ours: [], ruler: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [key, query] of round % 2 === 0
      ? [
          ['ours', ours],
          ['ruler', ruler],
        ]
      : [
          ['ruler', ruler],
          ['ours', ours],
        ]) {
      rounds[key].push(await withPage(bench, `${bench.url}/bench/?${query}`, measure))
    }
  }
  const of = (key, what) => median(rounds[key].map((round) => round[what]))
  return {
    main: of('ours', 'main') / of('ruler', 'main'),
    process: of('ours', 'process') / of('ruler', 'process'),
    note: `${of('ours', 'main').toFixed(1)} against ${of('ruler', 'main').toFixed(1)} ms/s`,
    processNote: `${of('ours', 'process').toFixed(1)} against ${of('ruler', 'process').toFixed(1)} ms/s`,
  }
}

const live = (bench, forMs) => async (_page, cdp) => {
  await sleep(SETTLE_MS)
  return measureCpu(bench, cdp, forMs)
}

export async function chartsAtOneHertz(bench) {
  const { main, process, note, processNote } = await against(bench, 'v=charts', 'v=uplot', live(bench, 5000))
  return [
    { bar: 'P1', value: main, note },
    { bar: 'P2', value: process, note: processNote },
  ]
}

export async function chartsAtTenHertz(bench) {
  const { main, note } = await against(bench, 'v=charts&hz=10', 'v=uplot&hz=10', live(bench, 4000))
  return [{ bar: 'P3', value: main, note }]
}

/** Frames that an empty page misses: what the machine takes, not the page. */
const idleFrames = (bench) =>
  withPage(bench, `${bench.url}/bench/?v=empty`, (page) => droppedFrames(page, 4000))

const ofIdle = (dropped, idle) => `${dropped.toFixed(1)} less ${idle.toFixed(1)} of an empty page`

export async function wholePage(bench) {
  const url = `${bench.url}/bench/?v=page`
  return withPage(bench, url, async (page, cdp) => {
    await sleep(SETTLE_MS)
    const busy = []
    for (let round = 0; round < ROUNDS; round++) busy.push((await measureCpu(bench, cdp, 4000)).main)
    const long = await longTasks(bench, page, 30_000)
    const dropped = await droppedFrames(page, 8000)
    const idle = await idleFrames(bench)
    return [
      { bar: 'P4', value: median(busy) / 10 },
      { bar: 'P5', value: long },
      { bar: 'P6', value: Math.max(0, dropped - idle), note: ofIdle(dropped, idle) },
    ]
  })
}

/** A pointer crosses the first chart back and forth, 60 moves a second, while no data arrives. */
async function hover(bench, page, cdp, target) {
  await sleep(SETTLE_MS)
  await page.evaluate(() => window.bench.stop())
  await sleep(300)
  const box = await page.locator(target).first().boundingBox()
  return measureCpu(bench, cdp, 0, async () => {
    const from = performance.now()
    for (let move = 0; performance.now() - from < 3500; move++) {
      const part = Math.abs(((move / 60) % 2) - 1)
      const x = box.x + 60 + part * (box.width - 80)
      // Not awaited one by one: a slow page must not slow the pointer.
      cdp
        .send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y: box.y + box.height / 2 })
        .catch(() => undefined)
      await sleep(Math.max(0, from + ((move + 1) * 1000) / 60 - performance.now()))
    }
  })
}

export async function crosshair(bench) {
  const target = '[role=slider], .u-over'
  const { main, note } = await against(bench, 'v=charts', 'v=uplot&sync=1', (page, cdp) =>
    hover(bench, page, cdp, target),
  )
  return [{ bar: 'P7', value: main, note }]
}

export async function fleetTable(bench) {
  const url = `${bench.url}/bench/?v=fleet`
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push(
      await withPage(bench, url, async (page, cdp) => {
        await sleep(SETTLE_MS)
        const { main } = await measureCpu(bench, cdp, 4000)
        const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
        const mountMs = await page.evaluate(() => window.bench.mountMs)
        const dropped = await droppedFrames(page, 4000, 3000)
        const ingestMs = await page.evaluate(() => window.bench.ingest())
        return { main, nodes, mountMs, dropped, ingestMs }
      }),
    )
  }
  const of = (key) => median(rounds.map((round) => round[key]))
  const idle = await idleFrames(bench)
  return [
    { bar: 'P8', value: of('main') / 10 },
    { bar: 'P9a', value: of('nodes') },
    { bar: 'P9b', value: of('mountMs') },
    { bar: 'P9c', value: Math.max(0, of('dropped') - idle), note: ofIdle(of('dropped'), idle) },
    { bar: 'P10', value: of('ingestMs'), note: 'JSON of 1,000 × 27 columns, parsed and written' },
  ]
}

/** As many ticks as the minutes 1 to 5 have, in a tenth of the time. */
export async function heap(bench) {
  return withPage(bench, `${bench.url}/bench/?v=charts&hz=10`, async (_page, cdp) => {
    await sleep(6000)
    const before = await heapBytes(cdp)
    await sleep(24_000)
    const after = await heapBytes(cdp)
    const note = `${(before / 1e6).toFixed(1)} to ${(after / 1e6).toFixed(1)} MB over 240 ticks at 10 Hz`
    return [{ bar: 'P11', value: (after - before) / 1e6, note }]
  })
}

export async function bundle(bench) {
  const { first, firstHasCharts, card, scripts, styles } = await measureBundle(bench.appDir)
  return [
    { bar: 'P12', value: first, failed: firstHasCharts, note: firstHasCharts ? 'holds Recharts' : '' },
    { bar: 'P13a', value: scripts },
    { bar: 'P13b', value: styles },
    { bar: 'P14', value: card },
  ]
}

/** Notes in the page when rows were painted first. A look a frame, where a locator would search the page each time. */
function watchForRows() {
  const look = () => {
    if (document.querySelector('[data-group]') === null) {
      requestAnimationFrame(look)
      return
    }
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      window.rowsAtMs = performance.now()
    }
    channel.port2.postMessage(null)
  }
  requestAnimationFrame(look)
}

export async function firstPaint(bench) {
  const paints = []
  for (let round = 0; round < 5; round++) {
    const context = await bench.browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    await page.addInitScript(watchForRows)
    // A window that has just been opened goes on loading parts of the browser itself.
    await sleep(SETTLE_MS)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await page.goto(`${bench.url}/fleet`)
    await page.waitForFunction(() => window.rowsAtMs !== undefined, null, { polling: 1000 })
    await sleep(500)
    paints.push(
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            const fcp = performance.getEntriesByName('first-contentful-paint')[0]?.startTime
            new PerformanceObserver((list) =>
              resolve({ fcp, lcp: list.getEntries().at(-1).startTime, rows: window.rowsAtMs }),
            ).observe({ type: 'largest-contentful-paint', buffered: true })
          }),
      ),
    )
    await context.close()
  }
  return [
    { bar: 'P15a', value: median(paints.map(({ fcp }) => fcp)) },
    {
      bar: 'P15b',
      value: median(paints.map(({ lcp }) => lcp)),
      note: `rows of the table at ${Math.round(median(paints.map(({ rows }) => rows)))} ms`,
    },
  ]
}

/** The page believes to be hidden while ticks go on arriving, as in a tab behind another. */
export async function hiddenTab(bench) {
  return withPage(bench, `${bench.url}/bench/?v=charts`, async (page, cdp) => {
    await sleep(SETTLE_MS)
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await sleep(500)
    const { main } = await measureCpu(bench, cdp, 6000)
    await bench.browser.startTracing(page, { categories: ['devtools.timeline'] })
    await sleep(5000)
    const trace = JSON.parse((await bench.browser.stopTracing()).toString())
    const paints = trace.traceEvents.filter(({ name }) => name === 'Paint').length
    return [
      { bar: 'P16a', value: main / 10 },
      { bar: 'P16b', value: paints },
    ]
  })
}
