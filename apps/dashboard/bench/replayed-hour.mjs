// The calculator's page with an hour of a busy pool: how long its worker takes, and whether the page stays responsive.
import { longTasksDuring, median, sleep } from './browser.mjs'

const ROUNDS = 3
/** Charts that are drawn after the last answer, ms. */
const DRAWN_MS = 2000

/** Notes what the page's worker says, from when the page has the pool's settings and asks for the replay. */
function watchWorker() {
  const Plain = Worker
  const said = { askedMs: null, predictionsMs: [], doneMs: null }
  window.replay = said
  window.Worker = class extends Plain {
    constructor(...args) {
      super(...args)
      this.addEventListener('message', ({ data }) => {
        const ms = performance.now() - said.askedMs
        if (data.kind === 'prediction') said.predictionsMs.push(ms)
        if (data.kind === 'done') said.doneMs = ms
        if (data.kind === 'failed') said.failed = data.message
      })
    }
    postMessage(...args) {
      if (args[0].kind === 'replay') said.askedMs = performance.now()
      super.postMessage(...args)
    }
  }
}

export async function replayedHour(bench) {
  // What is measured is the page, not how fast its server makes up an hour.
  await (await fetch(`${bench.url}/api/v1/groups/group-0/trace.bin`)).arrayBuffer()
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const context = await bench.browser.newContext({ viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    await page.addInitScript(watchWorker)
    const tasks = await longTasksDuring(bench, page, async () => {
      await page.goto(`${bench.url}/size?pool=group-0`)
      await page.waitForFunction(() => window.replay.doneMs !== null, null, { timeout: 120_000 })
      await sleep(DRAWN_MS)
    })
    rounds.push({ ...(await page.evaluate(() => window.replay)), tasks })
    await context.close()
  }
  const all = rounds.flatMap(({ tasks }) => tasks)
  return [
    { bar: 'P17a', value: median(rounds.map(({ predictionsMs }) => predictionsMs[0])) },
    { bar: 'P17b', value: median(rounds.map(({ doneMs }) => doneMs)) },
    {
      bar: 'P17c',
      value: all.length / ROUNDS,
      note: all.length === 0 ? '' : `${all.map((ms) => ms.toFixed(0)).join(', ')} ms in ${ROUNDS} rounds`,
    },
  ]
}
