import { spawnSync } from 'node:child_process'
import { createConnection } from 'mysql2/promise'
import { startMariadb } from './mariadb.ts'
import { type MysqlOptions, MysqlProgram, type RunningMysql } from './mysql-program.ts'
import { findProgram, namedProgram, variableOf } from './server-programs.ts'

const MYSQLD = 'mysqld'

/** A MySQL, or its stand-in, as tests start it. */
export type MysqlVersion<Running> = {
  /** Such as `MySQL 9.7.4`. */
  readonly label: string
  /** Such as `9.7.4`. */
  readonly version: string
  /** Starts a private one on a free port of 127.0.0.1. It ends with this process, however that ends. @throws Error in its words */
  start(options?: MysqlOptions): Promise<Running>
}

/**
 * The real MySQL that its variable names, or that is installed; null where there is none. What MariaDB calls `mysqld`
 * is none.
 * @throws Error when the variable names something else
 */
export function findMysqld(env = process.env): MysqlVersion<RunningMysql> | null {
  const program = findProgram(MYSQLD, env)
  if (program === null) return null
  const said = spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout
  const [, version] = /\bVer (\d+\.\d+\.\d+)(?!\S*mariadb)/i.exec(said) ?? []
  if (version === undefined) {
    if (namedProgram(MYSQLD, env) === null) return null
    throw new Error(`${variableOf(MYSQLD)} names ${program}, which is no MySQL: ${said}`)
  }
  const kind = {
    name: 'MySQL',
    program,
    // Its door and its other protocol are ready earlier, each with a line of its own.
    ready: /ready for connections\. Version/,
    install: { program, args: ['--initialize-insecure', '--skip-log-bin'] },
    // The folder for files that packages set up is not there for everybody.
    settings: { mysqlx: 'OFF', 'secure-file-priv': 'NULL' },
    doorSettings: (port: number) => ({ 'admin-address': '127.0.0.1', 'admin-port': String(port) }),
  }
  return {
    label: `MySQL ${version}`,
    version,
    start: async (options = {}) => {
      const server = await MysqlProgram.start(kind, options)
      try {
        await addRoot(server.socketPath)
        return server
      } catch (error) {
        await server.stop()
        throw error
      }
    },
  }
}

/** A real MySQL where there is one, else a MariaDB, for tests of what both do. */
export function startMysqlOrMariadb(options?: MysqlOptions): Promise<RunningMysql> {
  return (findMysqld()?.start ?? startMariadb)(options)
}

/** Root may come by TCP as well, as it may to a MariaDB. */
async function addRoot(socketPath: string): Promise<void> {
  const connection = await createConnection({ socketPath, user: 'root' })
  try {
    await connection.query("CREATE USER root@'127.0.0.1'")
    await connection.query("GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION")
  } finally {
    await connection.end()
  }
}
