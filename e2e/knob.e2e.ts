import type { Annotations } from '@poolscope/protocol'
import { collectErrors, openPool, startingWith, stat, violations } from './support/page.ts'
import { expect, KNOB_CONFIG, test } from './support/stack.ts'

test('a limit is changed from the page, serves those who wait, and is taken back', async ({
  page,
  database,
  ownAgent,
  app,
}) => {
  // Its own, so that no pool of another test takes what the server allows.
  const agent = await ownAgent([database.url, '--port', '0', '--config', KNOB_CONFIG])
  const shop = await app('turned', 1, { probe: true, agent, turnable: { min: 1, max: 6 } })
  const fixed = await app('not-turned', 1, { probe: true, agent })
  await shop.tell({ hold: 1 })
  await fixed.tell({ query: 'SELECT 1' })
  const held = shop.tell({ hold: 3 })
  const errors = collectErrors(page)
  await openPool(page, agent.url, 'turned')
  await expect(stat(page, 'Waiting')).toHaveText(startingWith(1))
  const dialog = page.getByRole('dialog', { name: /^Change the limit of turned/ })
  await page.getByRole('button', { name: 'Change …' }).focus()
  await page.keyboard.press('Enter')
  await dialog.getByRole('textbox', { name: /^Most connections/ }).fill('7')
  await expect(dialog.getByText('The service allows 1 to 6.')).toBeVisible()
  await dialog.getByRole('textbox', { name: /^Most connections/ }).fill('3')
  await dialog.getByRole('textbox', { name: 'Your name' }).fill('Ann')
  await dialog.getByRole('textbox', { name: 'Why' }).fill('callers wait')
  await expect(dialog.getByText('One running process goes from 1 to 3 at once.')).toBeVisible()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await violations(page)).toEqual([])
  }
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await held
  await expect(page.getByRole('status').filter({ hasText: 'in force: 3 instead of 1' })).toBeVisible()
  await expect(stat(page, 'In use')).toHaveText(startingWith(3))
  expect(await violations(page)).toEqual([])

  await page.getByRole('button', { name: 'Take it back …' }).click()
  const back = page.getByRole('dialog', { name: /^Take back/ })
  await expect(back.getByRole('textbox', { name: 'Your name' })).toHaveValue('Ann')
  await back.getByRole('button', { name: 'Take it back' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Ann took it back.' })).toBeVisible()
  await shop.tell({ release: true })
  await expect
    .poll(async () => (await agent.fleet()).pools.find(({ service }) => service === 'turned'))
    .toMatchObject({ max: 1, inUse: 0, idle: 1 })
  const { annotations } = (await (await agent.get('/api/v1/annotations')).json()) as Annotations
  expect(annotations.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'Ann asks for 3 connections instead of 1: callers wait',
      'The limit of 3 connections is undone: Ann took it back.',
    ]),
  )

  await openPool(page, agent.url, 'not-turned')
  await expect(page.getByText('This service does not allow its limit to be changed')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Change …' })).toHaveCount(0)
  expect(errors).toEqual([])
})
