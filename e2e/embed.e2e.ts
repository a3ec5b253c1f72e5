import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fleetRow, violations } from './support/page.ts'
import { type Agent, test as base, expect } from './support/stack.ts'

const TOKEN = 'a-token-of-sixteen-characters-or-more'

type Portal = {
  url: string
  /** The agent that may be framed by the portal alone, and asks for a token. */
  agent: Agent
  /** What the portal shows from now on. */
  show(html: string): void
}

/** A portal on another origin, and an agent that lets it frame its cards. */
const test = base.extend<{ portal: Portal }>({
  portal: async ({ ownAgent }, use) => {
    let body = ''
    const server: Server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(
        `<!doctype html><html lang="en"><title>Portal</title><main><h1>Portal</h1>${body}</main></html>`,
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const dir = await mkdtemp(join(tmpdir(), 'poolscope-embed-'))
    const config = join(dir, 'poolscope.yaml')
    await writeFile(config, `embedParents: ['${url}']\n`)
    const agent = await ownAgent(['--config', config, '--port', '0'], { POOLSCOPE_TOKEN: TOKEN })
    await use({
      url,
      agent,
      show: (html) => {
        body = html
      },
    })
    server.closeAllConnections()
    server.close()
    await rm(dir, { recursive: true })
  },
})

test('the snippet of the page shows the pool live in a portal, without a cookie', async ({
  browser,
  portal,
  app,
}) => {
  const { agent } = portal
  const shop = await app('framed', 5, { probe: true, agent })
  await shop.tell({ hold: 2 })

  const signedIn = await (await browser.newContext()).newPage()
  await signedIn.goto(`${agent.url}/fleet`)
  await signedIn.getByLabel(/token/i).fill(TOKEN)
  await signedIn.getByRole('button', { name: /sign in|open/i }).click()
  await fleetRow(signedIn, 'framed').getByRole('link').click()
  await signedIn.getByRole('button', { name: 'Embed' }).click()
  const dialog = signedIn.getByRole('dialog')
  const code = dialog.getByText('<iframe')
  await expect(code).toBeVisible()
  await expect(dialog.getByText(portal.url)).toBeVisible()
  expect(await violations(signedIn)).toEqual([])
  const snippet = (await code.textContent()) ?? ''
  expect(snippet).not.toContain(TOKEN)

  portal.show(snippet)
  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(portal.url)
  const card = stranger.frameLocator('iframe')
  await expect(card.getByRole('heading', { name: 'framed / main' })).toBeVisible()
  await expect(card.getByText('2/5')).toBeVisible()
  await shop.tell({ hold: 4 })
  await expect(card.getByText('4/5')).toBeVisible()
  // Nothing sticks out of the frame, and the link's token is not in its address.
  const frame = stranger.frames().find((each) => each.url().includes('/embed/'))
  expect(frame?.url()).not.toContain('t=')
  const sizes = await frame?.evaluate(() => {
    const { scrollHeight, scrollWidth } = document.documentElement
    return { scrollHeight, scrollWidth }
  })
  expect(sizes).toEqual({ scrollHeight: 120, scrollWidth: 360 })
  expect(await stranger.context().cookies()).toEqual([])

  // The link opens this pool, and nothing else.
  const granted = /#t=([^"]+)/.exec(snippet)?.[1] ?? ''
  const status = async (path: string) =>
    (await fetch(`${agent.url}${path}`, { headers: { authorization: `Bearer ${granted}` } })).status
  const id = /pools\/([^#?"]+)/.exec(snippet)?.[1] ?? ''
  expect(await status(`/api/v1/groups/${id}`)).toBe(200)
  expect(await status(`/api/v1/groups/${id}/holders`)).toBe(401)
  expect(await status('/api/v1/groups/another')).toBe(401)
  expect(await status('/api/v1/fleet')).toBe(401)
})

test('a card whose link does not work any more says so', async ({ page, portal }) => {
  await page.goto(`${portal.agent.url}/embed/pools/framed.main#t=embed.old.link`)
  await expect(page.getByText(/This link has expired/)).toBeVisible()
  expect(await violations(page)).toEqual([])
})

test('only a card may be framed, and only by a site that is named', async ({ page, portal, agent }) => {
  const shown = async (url: string) => {
    portal.show(`<iframe src="${url}" title="framed"></iframe>`)
    await page.goto(portal.url)
    const frame = await (await page.locator('iframe').elementHandle())?.contentFrame()
    return frame?.locator('#root').count()
  }
  expect(await shown(`${portal.agent.url}/embed/pools/x`)).toBe(1)
  expect(await shown(`${portal.agent.url}/fleet`)).toBe(0)
  expect(await shown(`${agent.url}/embed/pools/x`)).toBe(0)
})
