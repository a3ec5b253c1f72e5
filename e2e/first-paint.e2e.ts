import type { Page } from '@playwright/test'
import { collectErrors, violations } from './support/page.ts'
import { expect, test } from './support/stack.ts'

const DARK = 'rgb(12, 15, 20)'

/** Where everything stands that the page is painted with first. */
const boxes = (page: Page) => page.evaluate(() => (window as unknown as Watched).boxes())
type Watched = { boxes: () => string[]; taken?: string[] }

/** Notes where everything stands when the page's own components take the place of what was painted, and before anything else. */
async function watchTakeover(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watched = window as unknown as Watched
    watched.boxes = () =>
      [
        ...document.querySelectorAll('header a, header button, input, select, [role=columnheader], main p'),
      ].flatMap((element) => {
        const { x, y, width, height } = element.getBoundingClientRect()
        return width === 0 ? [] : [`${element.textContent} ${x} ${y} ${width} ${height}`]
      })
    let painted = false
    new MutationObserver((_, observer) => {
      const inert = document.querySelector('main [inert]') !== null
      if (painted && !inert) {
        observer.disconnect()
        watched.taken = watched.boxes()
      }
      painted ||= inert
    }).observe(document, { childList: true, subtree: true })
  })
}

test('every page is painted without a script, with where one is and in its theme', async ({
  page,
  agent,
}) => {
  await page.route('**/start.js', (route) => route.abort())
  await page.emulateMedia({ colorScheme: 'dark' })
  const bar = page.getByRole('navigation', { name: 'Pages' })
  await page.goto(`${agent.url}/fleet`)
  await expect(bar.getByRole('link', { name: 'Fleet' })).toHaveAttribute('aria-current', 'page')
  await expect(page.locator('h1')).toHaveText('Fleet')
  await expect(page.getByPlaceholder(/^Search:/)).toBeVisible()
  await expect(page.getByText('Service / pool')).toBeVisible()
  await expect(page.locator('html')).toHaveCSS('background-color', DARK)
  expect(await violations(page)).toEqual([])
  await bar.getByRole('link', { name: 'Size' }).click()
  await expect(page).toHaveURL(`${agent.url}/size`)
  await expect(bar.getByRole('link', { name: 'Size' })).toHaveAttribute('aria-current', 'page')
  await page.goto(`${agent.url}/pools/some.pool`)
  await expect(bar.getByRole('link', { name: 'Fleet' })).toHaveAttribute('aria-current', /./)
  expect(await violations(page)).toEqual([])
})

for (const width of [1280, 390]) {
  test(`the page takes the place of what was painted, and nothing moves, ${width} px wide`, async ({
    page,
    agent,
  }) => {
    const errors = collectErrors(page)
    await page.setViewportSize({ width, height: 800 })
    await page.addInitScript(() => localStorage.setItem('poolscope.theme', 'dark'))
    await page.emulateMedia({ colorScheme: 'light' })
    await watchTakeover(page)
    let start = () => {}
    const started = new Promise<void>((resolve) => {
      start = resolve
    })
    await page.route('**/start.js', async (route) => {
      await started
      await route.continue()
    })
    await page.goto(`${agent.url}/fleet`, { waitUntil: 'commit' })
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
    await expect(page.locator('html')).toHaveCSS('background-color', DARK)
    const before = await boxes(page)
    start()
    await page.waitForFunction(() => (window as unknown as Watched).taken !== undefined)
    expect(await page.evaluate(() => (window as unknown as Watched).taken)).toEqual(before)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    expect(errors).toEqual([])
  })
}

test('where no script comes the page says what to do', async ({ page, browser, agent }) => {
  await page.route('**/assets/*.js', (route) => route.abort())
  await page.goto(`${agent.url}/fleet`)
  await expect(page.getByRole('alert')).toContainText('The scripts of this page did not come')
  await page.unroute('**/assets/*.js')
  await page.reload()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page.getByRole('alert')).toBeHidden()

  const context = await browser.newContext({ javaScriptEnabled: false })
  const unscripted = await context.newPage()
  await unscripted.goto(`${agent.url}/map`)
  await expect(unscripted.getByRole('alert')).toContainText('This page needs JavaScript')
  await unscripted.getByRole('link', { name: 'the guide' }).click()
  await expect(unscripted.getByRole('heading', { level: 1 })).toBeVisible()
  await context.close()
})
