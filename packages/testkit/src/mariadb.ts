import { type MysqlOptions, MysqlProgram, type RunningMysql } from './mysql-program.ts'
import { programBeside, requireProgram } from './server-programs.ts'

/**
 * Starts a private MariaDB on a free port of 127.0.0.1, with performance_schema, as an unprivileged user where root
 * is refused. Its door takes three connections. It ends with this process, however that ends.
 * @throws Error saying what is missing, or in the words of the program
 */
export async function startMariadb(options: MysqlOptions = {}): Promise<RunningMysql> {
  const program = requireProgram({ program: 'mariadbd', name: 'MariaDB', debian: 'mariadb-server' })
  const kind = {
    name: 'MariaDB',
    program,
    ready: /ready for connections/,
    install: {
      program: programBeside(program, 'mariadb-install-db'),
      args: ['--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-log-file-size=8M'],
    },
    settings: {},
    doorSettings: (port: number) => ({ 'extra-port': String(port), 'extra-max-connections': '3' }),
  }
  return MysqlProgram.start(kind, options)
}
