import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { at, run, StepError, step } from './workspace.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
const PATHS = [
  '/usr/bin/chromium',
  '/usr/lib/chromium/chromium',
  '/snap/bin/chromium',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
]
const HOW = 'Install Chromium or Google Chrome, or set POOLSCOPE_CHROMIUM to the path of one.'

/**
 * The path of a Chromium for the browser tests: the one that is named, else one on this machine, else, on
 * Debian and Ubuntu as root, one that is installed now.
 * @throws StepError with how to get one
 */
export async function findBrowser() {
  const named = process.env.POOLSCOPE_CHROMIUM
  if (named !== undefined && named !== '') {
    if (await works(named)) return named
    throw new StepError(`POOLSCOPE_CHROMIUM names ${named}, which does not run. ${HOW}`)
  }
  const found = await firstThatWorks()
  if (found !== null) return found
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new StepError(`The browser tests need Chromium, and none was found. ${HOW}`)
  }
  await step('Installing Chromium for the browser tests', async () => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' }
    await run('apt-get', ['update', '-q'], { env })
    await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { env })
  })
  const installed = await firstThatWorks()
  if (installed !== null) return installed
  throw new StepError(`Chromium could not be installed by apt-get. ${HOW}`)
}

async function firstThatWorks() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  for (const path of [...onPath, ...PATHS, ...playwrightsOwn()]) {
    if (existsSync(path) && (await works(path))) return path
  }
  return null
}

function playwrightsOwn() {
  try {
    const { chromium } = createRequire(at('e2e/package.json'))('@playwright/test')
    return [chromium.executablePath()]
  } catch {
    return []
  }
}

/** Some systems have a stub of that name that only says how to install it. */
async function works(path) {
  try {
    return (await run(path, ['--version'], { quiet: true })).code === 0
  } catch {
    return false
  }
}
