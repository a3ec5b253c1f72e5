// Runs every test: static checks, then units and real servers, then the browser.
//   npm test                 everything
//   npm test -- unit fleet   one part (check, unit or e2e), and only files whose path holds "fleet"
import { checkNode } from './lib/check-node.mjs'

checkNode()
const { main } = await import('./lib/main.mjs')
const { install } = await import('./lib/install.mjs')
const { build } = await import('./lib/build.mjs')
const { PARTS } = await import('./lib/test-parts.mjs')

const given = process.argv.slice(2)
const chosen = given.filter((word) => word in PARTS)
const filters = given.filter((word) => !(word in PARTS))
const parts = chosen.length > 0 ? chosen : Object.keys(PARTS)

await main(async () => {
  let passed = 0
  let failures = []
  try {
    await install()
    await build()
    for (const part of parts) {
      const result = await PARTS[part](filters)
      passed += result.passed
      failures = [...failures, ...result.failures]
    }
  } catch (error) {
    // Whatever ends the run early is a failure of it, and the last line still tells the count.
    console.error(error)
    failures.push(error.message)
  }
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`)
  console.log(`\n${passed} passed, ${failures.length} failed`)
  process.exitCode = failures.length > 0 ? 1 : 0
}, 130)
