// Measures the page's bars in a real Chromium and fails when one is missed: `--only P1,P7` measures some.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'
import * as bars from './bars.mjs'
import { launch } from './browser.mjs'
import { fleetAnswers, group } from './fleet-answers.mjs'
import { replayAnswers } from './replay-answers.mjs'
import { replayedHour } from './replayed-hour.mjs'
import { serve } from './server.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Name, largest value that passes, unit. */
const LIMITS = {
  P1: ['12 live charts at 1 Hz, main thread ÷ uPlot', 2, '×'],
  P2: ['12 live charts at 1 Hz, renderer process ÷ uPlot', 1.5, '×'],
  P3: ['12 live charts at 10 Hz, main thread ÷ uPlot', 2.2, '×'],
  P4: ['whole page with 12 charts at 1 Hz, main thread busy', 2, '%'],
  P5: ['the same, tasks over 50 ms in 30 s', 0, ''],
  P6: ['the same, dropped frames', 1, '/s'],
  P7: ['crosshair over 12 charts, main thread ÷ uPlot synced', 1.5, '×'],
  P8: ['fleet of 1,000 at 1 Hz, main thread busy', 3, '%'],
  P9a: ['fleet, DOM nodes', 2000, ''],
  P9b: ['fleet, mount', 250, 'ms'],
  P9c: ['fleet, dropped frames while scrolling 3,000 px/s', 2, '/s'],
  P10: ['taking in one tick of 1,000 groups', 3, 'ms'],
  P11: ['heap growth from minute 1 to 5', 1, 'MB'],
  P12: ['first load of /fleet, JavaScript gzip', 130, 'kB'],
  P13a: ['all JavaScript, gzip', 270, 'kB'],
  P13b: ['all CSS, gzip', 16, 'kB'],
  P14: ['embedded card, JavaScript gzip', 95, 'kB'],
  P15a: ['/fleet at 4× CPU throttle, first contentful paint', 900, 'ms'],
  P15b: ['/fleet at 4× CPU throttle, largest contentful paint', 900, 'ms'],
  P16a: ['hidden tab, main thread busy', 0.5, '%'],
  P16b: ['hidden tab, paints in 5 s', 0, ''],
  // From when the page has the pool's settings and asks. The link: the pointer comes over it, and presses 200 ms later.
  P17a: ['replay of an hour, 1.8 M checkouts, opened by the link, first answer', 100, 'ms'],
  P17b: ['the same, all sizes over the hour', 1000, 'ms'],
  P17c: ['the same, opened by its address, first answer', 100, 'ms'],
  P17d: ['the same, all sizes over the hour', 1000, 'ms'],
  P17e: ['both, tasks of the page over 50 ms', 0, ''],
}

/** What measures which bars. */
const GROUPS = [
  [['P12', 'P13', 'P14'], bars.bundle],
  [['P1', 'P2'], bars.chartsAtOneHertz],
  [['P3'], bars.chartsAtTenHertz],
  [['P7'], bars.crosshair],
  [['P8', 'P9', 'P10'], bars.fleetTable],
  [['P15'], bars.firstPaint],
  [['P16'], bars.hiddenTab],
  [['P17'], replayedHour],
  [['P11'], bars.heap],
  [['P4', 'P5', 'P6'], bars.wholePage],
]

function print({ bar, value, failed = false, note = '' }) {
  const [name, limit, unit] = LIMITS[bar]
  const passed = !failed && value <= limit
  const shown = `${value.toFixed(value >= 100 ? 0 : 2)} ${unit}`.trim()
  const verdict = passed ? 'PASS' : 'FAIL'
  const about = note === '' ? '' : `  (${note})`
  console.log(
    `${bar.padEnd(5)}${verdict}  ${shown.padStart(9)}  limit ${`${limit} ${unit}`.trim().padEnd(8)}  ${name}${about}`,
  )
  return passed
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const only = values.only?.split(',')
const chosen = GROUPS.filter(([names]) => only === undefined || names.some((name) => only.includes(name)))
const temp = await mkdtemp(join(tmpdir(), 'poolscope-bench-'))
let missed = 0
let server
let browser
try {
  const dirs = { bench: join(temp, 'bench'), app: join(temp, 'app') }
  const quiet = { logLevel: 'error' }
  await build({ ...quiet, configFile: join(here, 'vite.config.ts'), build: { outDir: dirs.bench } })
  await build({ ...quiet, root: join(here, '..'), build: { outDir: dirs.app, emptyOutDir: true } })
  const { answers, messages } = fleetAnswers(1000)
  const replayed = replayAnswers(group(0, Date.now()))
  server = await serve({ dirs, answers: { ...answers, ...replayed }, messages })
  const launched = await launch()
  browser = launched.browser
  const bench = { ...launched, url: server.url, appDir: dirs.app }
  for (const [, measure] of chosen) {
    for (const figure of await measure(bench)) if (!print(figure)) missed += 1
  }
} finally {
  await browser?.close()
  await server?.close()
  await rm(temp, { recursive: true, force: true })
}
console.log(missed === 0 ? 'Every measured bar holds.' : `${missed} missed.`)
process.exitCode = missed === 0 ? 0 : 1
