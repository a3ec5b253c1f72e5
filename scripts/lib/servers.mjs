import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, StepError, step } from './workspace.mjs'

/** Where Debian keeps servers, which is not on everybody's PATH. */
const MORE_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin', '/opt/homebrew/sbin']

/** Programs that the tests against real servers start, with the package that brings each. A variable may name another one. */
const PROGRAMS = [
  { program: 'mariadbd', debian: 'mariadb-server', brew: 'mariadb' },
  { program: 'redis-server', debian: 'redis-server', brew: 'redis' },
  { program: 'pgbouncer', debian: 'pgbouncer', brew: 'pgbouncer' },
  // Makes the certificates of the tests that use TLS.
  { program: 'openssl', debian: 'openssl', brew: 'openssl' },
]
/** What the application in another language needs, and what is pasted into others. */
const PYTHON = {
  program: 'python3 with SQLAlchemy, psycopg2, asyncpg, redis and requests',
  debian: ['python3-sqlalchemy', 'python3-psycopg2', 'python3-asyncpg', 'python3-redis', 'python3-requests'],
  pip: 'sqlalchemy psycopg2-binary asyncpg redis requests',
}
const PYTHON_IMPORTS = 'import sqlalchemy, psycopg2, asyncpg, redis, requests'

/**
 * Finds the servers that tests start; on Debian and Ubuntu as root it installs what is missing.
 * @throws StepError with how to get what is missing elsewhere
 */
export async function findServers() {
  const missing = await missingPackages()
  if (missing.length === 0) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    await step(`Installing ${missing.map(({ program }) => program).join(', ')} for the tests`, async () => {
      // Tests start servers of their own; none is to run as a service of the machine.
      const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
      const packages = missing.flatMap(({ debian }) => debian)
      await run('apt-get', ['update', '-q'], { env })
      await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env })
    })
  }
  const still = await missingPackages()
  if (still.length === 0) return
  const brew = still.flatMap((one) => one.brew ?? [])
  const debian = still.flatMap((one) => one.debian)
  const how = [
    `Debian or Ubuntu: apt-get install ${debian.join(' ')}`,
    ...(brew.length > 0 ? [`macOS: brew install ${brew.join(' ')}`] : []),
    ...(still.includes(PYTHON) ? [`Python elsewhere: python3 -m pip install ${PYTHON.pip}`] : []),
  ]
  throw new StepError(`The tests need ${still.map(({ program }) => program).join(', ')}. ${how.join('. ')}.`)
}

async function missingPackages() {
  const programs = PROGRAMS.filter(({ program }) => !isThere(program))
  return (await hasPython()) ? programs : [...programs, PYTHON]
}

/** What a variable names is not looked for: whether it will do, the tests say. @see packages/testkit/src/server-programs.ts */
function isThere(program) {
  if (process.env[`POOLSCOPE_TEST_${program.toUpperCase().replaceAll('-', '_')}`]) return true
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...MORE_FOLDERS]
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** The system's Python first: others on the PATH seldom have its packages. */
async function hasPython() {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      if ((await run(python, ['-c', PYTHON_IMPORTS], { quiet: true })).code === 0) return true
    } catch {
      // There is none of that name.
    }
  }
  return false
}
