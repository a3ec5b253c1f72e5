// The calculator's page with an hour of a busy pool: how long its worker takes, and whether the page stays responsive.
import { longTasksDuring, median, sleep } from './browser.mjs'

const ROUNDS = 5
/** Charts that are drawn after the last answer, and those of the page before, ms. */
const DRAWN_MS = 2000
/** From when a hand has brought the pointer over a link until it presses, ms. */
const HAND_MS = 200

/** Notes what the page's worker says, from when the page has the pool's settings and asks for the replay. */
function watchWorker() {
  const Plain = Worker
  const said = { pressedMs: 0, askedMs: null, predictionsMs: [], doneMs: null }
  window.replay = said
  addEventListener('pointerdown', () => {
    said.pressedMs = performance.now()
  })
  window.Worker = class extends Plain {
    constructor(...args) {
      super(...args)
      this.addEventListener('message', ({ data }) => {
        const ms = performance.now()
        if (data.kind === 'prediction') said.predictionsMs.push(ms)
        if (data.kind === 'done') said.doneMs = ms
        if (data.kind === 'failed') said.failed = data.message
      })
    }
    postMessage(...args) {
      if (args[0].kind === 'replay') said.askedMs ??= performance.now()
      super.postMessage(...args)
    }
  }
}

/** Ways to the calculator of the pool: what is done before anything is measured, and what then. */
const WAYS = {
  async link(page, url) {
    await page.goto(`${url}/pools/group-0`)
    const link = page.getByRole('link', { name: 'Size this pool' })
    await link.waitFor()
    await sleep(DRAWN_MS)
    return async () => {
      await link.hover()
      await sleep(HAND_MS)
      await page.mouse.down()
      await page.mouse.up()
    }
  },
  address: async (page, url) => () => page.goto(`${url}/size?pool=group-0`),
}

async function measured(bench, way) {
  const context = await bench.browser.newContext({ viewport: { width: 1280, height: 900 } })
  try {
    const page = await context.newPage()
    await page.addInitScript(watchWorker)
    const open = await WAYS[way](page, bench.url)
    const tasks = await longTasksDuring(bench, page, async () => {
      await open()
      await page.waitForFunction(() => window.replay.doneMs !== null, null, { timeout: 120_000 })
      await sleep(DRAWN_MS)
    })
    const { pressedMs, askedMs, predictionsMs, doneMs } = await page.evaluate(() => window.replay)
    const from = (ms) => ({ first: predictionsMs[0] - ms, all: doneMs - ms })
    return { tasks, asked: from(askedMs), begun: from(pressedMs) }
  } finally {
    await context.close()
  }
}

export async function replayedHour(bench) {
  // What is measured is the page, not how fast its server makes up an hour.
  await (await fetch(`${bench.url}/api/v1/groups/group-0/trace.bin`)).arrayBuffer()
  const rounds = { link: [], address: [] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of Object.keys(WAYS)) rounds[way].push(await measured(bench, way))
  }
  const figure = (bar, way, what, begin) => {
    const of = (from) => rounds[way].map((one) => one[from][what])
    return {
      bar,
      value: median(of('asked')),
      note: `${of('asked')
        .map((ms) => ms.toFixed(0))
        .join(', ')}; ${median(of('begun')).toFixed(0)} ms from ${begin}`,
    }
  }
  const tasks = Object.values(rounds).flatMap((some) => some.flatMap((one) => one.tasks))
  return [
    figure('P17a', 'link', 'first', 'the press'),
    figure('P17b', 'link', 'all', 'the press'),
    figure('P17c', 'address', 'first', 'the page’s begin'),
    figure('P17d', 'address', 'all', 'the page’s begin'),
    {
      bar: 'P17e',
      value: tasks.length / ROUNDS,
      note: tasks.length === 0 ? '' : `${tasks.map((ms) => ms.toFixed(0)).join(', ')} ms in ${ROUNDS} rounds`,
    },
  ]
}
