import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, endWithParent, startChild, unprivilegedUser } from '@poolscope/lab'
import { eventually } from '@poolscope/testkit'
import { createConnection } from 'mysql2/promise'

/** A private MariaDB. */
export type MariadbForTest = {
  host: string
  port: number
  user: string
  password: string
  database: string
  stop(): Promise<void>
}

/** Starts a MariaDB of the machine's package on a free port of 127.0.0.1, which ends with this process. */
export async function startMariadbForTest(): Promise<MariadbForTest> {
  const runAs = unprivilegedUser()
  const dir = await mkdtemp(join(tmpdir(), 'poolscope-mariadb-'))
  await chmod(dir, 0o755)
  if (runAs !== null) await chown(dir, runAs.uid, runAs.gid)
  const data = join(dir, 'data')
  const sql = join(dir, 'init.sql')
  await mkdir(data)
  await writeFile(
    sql,
    // One statement a line, as the server wants it.
    "CREATE DATABASE shop;\nCREATE USER 'app'@'%' IDENTIFIED BY 'only-for-tests';\nGRANT ALL ON *.* TO 'app'@'%';\n",
  )
  if (runAs !== null) await chown(data, runAs.uid, runAs.gid)
  const install = await startChild(
    'mariadb-install-db',
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--innodb-log-file-size=8M',
    ],
    runAs,
  )
  if ((await install.exited) !== 0) throw new Error(`MariaDB did not prepare: ${install.lastLines()}`)
  const port = await freePort()
  const files = [`--datadir=${data}`, `--socket=${join(dir, 's.sock')}`, `--pid-file=${join(dir, 'p.pid')}`]
  const child: Child = await startChild(
    'mariadbd',
    [
      '--no-defaults',
      ...files,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      `--init-file=${sql}`,
    ],
    runAs,
  )
  const callOff = endWithParent(child.pid, dir)
  const server = { host: '127.0.0.1', port, user: 'app', password: 'only-for-tests', database: 'shop' }
  const stop = async () => {
    callOff()
    await child.end(['SIGTERM', 'SIGKILL'], 10_000)
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await eventually(async () => (await createConnection(server)).end(), { timeoutMs: 30_000 })
  } catch (error) {
    await stop()
    throw new Error(`MariaDB did not start: ${child.lastLines()}`, { cause: error })
  }
  return { ...server, stop }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
