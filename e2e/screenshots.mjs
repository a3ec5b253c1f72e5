// Takes the pictures of the documentation from the running demo: pnpm --filter @poolscope/e2e screenshots
// Build first. It waits until the shop has had most of a day, so that the charts show one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

const WARM_UP_MS = Number(process.env.WARM_UP_MS ?? 150_000)
const MAIN = fileURLToPath(new URL('../apps/agent/dist/main.js', import.meta.url))
const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url))

const demo = spawn(process.execPath, [MAIN, 'demo', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
const url = await new Promise((resolve) => {
  createInterface(demo.stdout).on('line', (line) => {
    console.log(line)
    const found = /http:\/\/[\d.]+:\d+/.exec(line)?.[0]
    if (found !== undefined) resolve(found)
  })
})
console.log(`Letting the shop run for ${WARM_UP_MS / 1000} s …`)
await sleep(WARM_UP_MS)

const { groups, servers } = await (await fetch(`${url}/api/v1/fleet`)).json()
const checkout = groups.find(({ service, origin }) => service === 'checkout' && origin === 'probe')
const pages = {
  fleet: { path: '/fleet', height: 620 },
  pool: { path: `/pools/${checkout.id}`, height: 1180 },
  map: { path: '/map', height: 520 },
  size: {
    path: `/size?pool=${checkout.id}`,
    height: 1000,
    until: 'Everything recorded is replayed.',
    scrollTo: 'By its own traffic',
    as: 'replay',
  },
  alerts: { path: '/alerts', height: 820 },
  advice: { path: '/advice', height: 1180 },
  server: { path: `/servers/${servers[0].id}`, height: 1180, scrollTo: 'Statements', as: 'statements' },
}
const shots = [
  ...Object.keys(pages).flatMap((page) => ['dark', 'light'].map((theme) => ({ page, theme, width: 1280 }))),
  ...Object.keys(pages).map((page) => ({ page, theme: 'dark', width: 390, suffix: 'narrow' })),
]

mkdirSync(IMAGES, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.POOLSCOPE_CHROMIUM ?? '/usr/bin/chromium',
  args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
})
for (const { page: name, theme, width, suffix = theme } of shots) {
  const { path, height, until, scrollTo, as } = pages[name]
  const viewport = { width, height: width < 500 ? 844 : height }
  const page = await browser.newPage({ viewport, colorScheme: theme, locale: 'en-GB', deviceScaleFactor: 1 })
  await page.goto(`${url}${path}`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  if (until !== undefined) await page.getByText(until).waitFor()
  await sleep(2500)
  await page.screenshot({ path: `${IMAGES}${name}-${suffix}.png` })
  console.log(`${name}-${suffix}.png`)
  if (scrollTo !== undefined) {
    const { y } = await page.getByRole('heading', { name: scrollTo }).boundingBox()
    // Below the bar that stays on top.
    await page.evaluate((by) => scrollBy(0, by - 80), y)
    await sleep(300)
    await page.screenshot({ path: `${IMAGES}${as}-${suffix}.png` })
  }
  await page.close()
}
await browser.close()
const ended = once(demo, 'exit')
demo.kill('SIGTERM')
await ended
