import { execFile, type PromiseWithChild } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type TempDir, tempDir } from '@poolscope/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FakeAgent, until } from './agent.ts'
import type { ProbeDriver } from './probe-contract-driver.ts'

const run = promisify(execFile)
const home = fileURLToPath(new URL('..', import.meta.url))
const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url))

/** Builds the probe into a folder of its own: other suites may build the package at the same time. */
export async function buildProbe(): Promise<TempDir> {
  const dir = await tempDir()
  const args = [tsc, '-p', home, '--outDir', dir.path, '--composite', 'false', '--incremental', 'false']
  await run(process.execPath, [...args, '--declaration', 'false', '--noCheck'], { cwd: home })
  await writeFile(join(dir.path, 'package.json'), '{"type":"module"}')
  return dir
}

/** What a script of a process of its own waits for: that its test has seen enough, see {@link afterSeen}. */
export const UNTIL_SEEN = "await new Promise((resolve) => process.stdin.once('end', resolve).resume())"

/**
 * Has a script print what keeps its process alive besides what it prints to. What a driver closes has fifty turns for
 * it, which is a second: less than a report is in flight.
 */
export const PRINT_LEFT = `
  const left = () => process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap')
  for (let turn = 0; turn < 50 && left().length > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 20))
  console.log(JSON.stringify(left()))
`

/** What a process printed that waits in its script {@link UNTIL_SEEN something is seen}. @throws as the process */
export async function afterSeen<Printed>(
  running: PromiseWithChild<Printed>,
  isSeen: () => boolean,
): Promise<Printed> {
  // It ends also where that was not seen: what it printed says more than a time-out.
  await Promise.race([running, until(isSeen).catch(() => {})])
  running.child.stdin?.end()
  return await running
}

/** Declares that a process with a watched pool ends when its own work is done. */
export function declareProcess(driver: Pick<ProbeDriver<object>, 'folder' | 'script'>): void {
  let built: TempDir | undefined
  let agent: FakeAgent
  beforeAll(async () => {
    built = await buildProbe()
    agent = await FakeAgent.start()
  })
  afterAll(async () => {
    await agent?.stop()
    await built?.stop()
  })

  it('lets its process end, silently, with an agent that never answers', async () => {
    agent.answer = () => {}
    const adapter = pathToFileURL(join(built?.path ?? '', driver.folder, 'index.js')).href
    const text = `
      import { createRequire } from 'node:module'
      import { flush, watch } from '${adapter}'
      const require = createRequire(${JSON.stringify(join(home, 'package.json'))})
      {
        ${driver.script()}
      }
      // Past the first report, which is then in flight.
      ${UNTIL_SEEN}
      ${PRINT_LEFT}
    `
    const running = run(process.execPath, ['--input-type=module', '--eval', text], {
      cwd: home,
      env: { ...process.env, POOLSCOPE_URL: agent.url },
      timeout: 90_000,
    })
    const { stdout, stderr } = await afterSeen(running, () => agent.requests > 0)
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([])
    expect(agent.requests).toBeGreaterThan(0)
  })
}
