import { startMysqlOrMariadb } from '@poolscope/testkit'

/** A private MySQL or MariaDB with a user and a database. */
export type MysqlForTest = {
  host: string
  port: number
  user: string
  password: string
  database: string
  stop(): Promise<void>
}

/** Starts a real MySQL where this machine has one, else a MariaDB, on a free port of 127.0.0.1, which ends with this process. */
export async function startMysqlForTest(): Promise<MysqlForTest> {
  const server = await startMysqlOrMariadb()
  const login = { user: 'app', password: 'only-for-tests', database: 'shop' }
  try {
    await server.ask(`CREATE DATABASE ${login.database}`)
    await server.ask(`CREATE USER '${login.user}'@'%' IDENTIFIED BY '${login.password}'`)
    await server.ask(`GRANT ALL ON *.* TO '${login.user}'@'%'`)
  } catch (error) {
    await server.stop()
    throw error
  }
  return { host: server.host, port: server.port, ...login, stop: () => server.stop() }
}
