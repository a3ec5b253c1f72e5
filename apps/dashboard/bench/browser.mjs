// The ruler: CPU time of a page's main thread and of its process, and what the eye would notice.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

/** Starts the browser that POOLSCOPE_CHROMIUM names, or one of the usual places has. */
export async function launch() {
  const executablePath = process.env.POOLSCOPE_CHROMIUM ?? USUAL.find((path) => existsSync(path))
  if (executablePath === undefined) {
    throw new Error('No Chromium found: set POOLSCOPE_CHROMIUM to the path of one.')
  }
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--js-flags=--expose-gc'],
  })
  return { browser, root: await browser.newBrowserCDPSession() }
}

/** Opens a page in a context of its own, hands it to `use`, and closes it. */
export async function withPage({ browser }, url, use, { ready = true } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  try {
    const page = await context.newPage()
    const cdp = await context.newCDPSession(page)
    const errors = []
    page.on('pageerror', (error) => errors.push(error))
    await page.goto(url)
    if (ready) await page.waitForFunction(() => window.bench !== undefined, null, { timeout: 20_000 })
    const result = await use(page, cdp)
    if (errors.length > 0) throw errors[0]
    return result
  } finally {
    await context.close()
  }
}

async function taskMs(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000
}

async function rendererMs(root) {
  const { processInfo } = await root.send('SystemInfo.getProcessInfo')
  const renderers = processInfo.filter(({ type }) => type === 'renderer')
  return renderers.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0)
}

/** CPU per second while `forMs` pass: of the main thread, and of the renderer process. */
export async function measureCpu({ root }, cdp, forMs, during = () => sleep(forMs)) {
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  const [task, renderer] = [await taskMs(cdp), await rendererMs(root)]
  const from = performance.now()
  await during()
  const seconds = (performance.now() - from) / 1000
  return {
    main: (await taskMs(cdp)).valueOf() / seconds - task / seconds,
    process: ((await rendererMs(root)) - renderer) / seconds,
  }
}

/** Frames missed at 60 a second over `forMs`; `scrollPerSec` scrolls meanwhile. */
export function droppedFrames(page, forMs, scrollPerSec = 0) {
  return page.evaluate(
    ([duration, speed]) =>
      new Promise((resolve) => {
        let dropped = 0
        let direction = 1
        let last = performance.now()
        const end = last + duration
        const frame = (now) => {
          dropped += Math.max(0, Math.round((now - last) / (1000 / 60)) - 1)
          if (speed > 0) {
            const bottom = document.documentElement.scrollHeight - innerHeight
            if (scrollY >= bottom - 1) direction = -1
            if (scrollY <= 0) direction = 1
            scrollBy(0, direction * speed * ((now - last) / 1000))
          }
          last = now
          if (now < end) requestAnimationFrame(frame)
          else resolve(dropped / (duration / 1000))
        }
        requestAnimationFrame(frame)
      }),
    [forMs, scrollPerSec],
  )
}

/**
 * Tasks of the page's main thread that took more than 50 ms of CPU within `forMs`. By CPU and not by the
 * clock: on a machine that others use, any task is long when it is made to wait.
 */
export async function longTasks(bench, page, forMs) {
  return (await longTasksDuring(bench, page, () => sleep(forMs))).length
}

/** The same during something: their CPU times, ms. */
export async function longTasksDuring({ browser }, page, during) {
  await browser.startTracing(page, {
    categories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'],
  })
  await during()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString())
  const main = traceEvents.find(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const tasks = traceEvents.filter((event) => event.name === 'RunTask' && event.tid === main?.tid)
  if (tasks.length === 0) throw new Error('The trace holds no task of a page.')
  return tasks.filter(({ tdur }) => tdur > 50_000).map(({ tdur }) => tdur / 1000)
}

/** Bytes of live JavaScript objects after a full collection. */
export async function heapBytes(cdp) {
  for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return usedSize
}
