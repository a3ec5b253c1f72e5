// Runs the demo from a fresh clone: installs and builds what is missing or out of date first.
import { checkNode } from './lib/check-node.mjs'

checkNode()
const { pathToFileURL } = await import('node:url')
const { main } = await import('./lib/main.mjs')
const { install } = await import('./lib/install.mjs')
const { build } = await import('./lib/build.mjs')
const { at } = await import('./lib/workspace.mjs')

await main(async () => {
  await install()
  await build()
  const agent = at('apps/agent/dist/main.js')
  return async () => {
    // In this process, so that a signal for it reaches the demo.
    process.argv = [process.argv[0], agent, 'demo', ...process.argv.slice(2)]
    await import(pathToFileURL(agent).href)
  }
})
