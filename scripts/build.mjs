// Builds the agent and the dashboard when their sources changed.
import { checkNode } from './lib/check-node.mjs'

checkNode()
const { main } = await import('./lib/main.mjs')
const { install } = await import('./lib/install.mjs')
const { build } = await import('./lib/build.mjs')

await main(async () => {
  await install()
  await build()
})
