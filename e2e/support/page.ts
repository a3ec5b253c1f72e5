import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Locator, Page } from '@playwright/test'
import { expect } from '@playwright/test'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** The row of a pool group in the fleet table. */
export function fleetRow(page: Page, service: string): Locator {
  return page
    .getByRole('table', { name: 'Pools' })
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name: new RegExp(`^${service} /`) }) })
}

/**
 * Opens the page of a service's pool through the fleet table, as a person would. Waits for the probe: where its
 * first report is late, the pool is at first an observed one, which has another page. Where the rows changed places
 * under the pointer it is another pool's page, whose name may end with the same: then again.
 */
export async function openPool(page: Page, agentUrl: string, service: string): Promise<void> {
  await expect(async () => {
    await page.goto(`${agentUrl}/fleet`)
    await fleetRow(page, service).filter({ hasNotText: 'no probe' }).getByRole('link').click()
    const title = page.getByRole('heading', { level: 1 }).getByText(new RegExp(`^${service} /`))
    await expect(title).toBeVisible({ timeout: 10_000 })
  }).toPass({ timeout: 90_000 })
}

/** Goes to a page by two keys in turn. Where more than a second lies between them they lead nowhere: then again. */
export async function goByKeys(page: Page, first: string, second: string, address: RegExp): Promise<void> {
  await expect(async () => {
    await page.keyboard.press(first)
    await page.keyboard.press(second)
    await expect(page).toHaveURL(address, { timeout: 5000 })
  }).toPass({ timeout: 60_000 })
}

/** A number of the pool page's strip by its name. */
export function stat(page: Page, name: string): Locator {
  return page
    .locator('dl > div', { has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .first()
}

/** A strip's number before its note, and not a longer number that begins the same. */
export function startingWith(value: number | string): RegExp {
  return new RegExp(`^${value}(?!\\d)`)
}

/** What axe finds by the rules of WCAG 2.2 AA. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(axePath, 'utf8'))
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const found = await axe.run(document, { runOnly: tags })
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
  })
}

/** Fails the test at once when the page logs an error or breaks its content policy. */
export function collectErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(String(error)))
  return errors
}
