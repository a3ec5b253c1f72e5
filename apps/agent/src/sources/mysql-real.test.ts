import { findMysqld, MYSQL_WATCHER_SQL, PASSWORD_CANARY, type RunningMysql } from '@poolscope/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { detailOf, Watched } from '../../test/watched.ts'

const mysqld = findMysqld()
let cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanups.toReversed()) await clean()
  cleanups = []
})

function watch(url: string): Watched {
  const one = new Watched(url)
  cleanups.push(() => one.source.stop())
  return one
}

// Its stand-in has neither TLS nor replicas.
describe.runIf(mysqld !== null)('a real MySQL', () => {
  const start = async (tls: boolean) => {
    const one = await (mysqld as NonNullable<typeof mysqld>).start({
      tls,
      settings: { 'server-id': tls ? '2' : '1' },
    })
    cleanups.push(() => one.stop())
    for (const sql of MYSQL_WATCHER_SQL) await one.ask(sql)
    return one
  }
  const watcherUrl = ({ port }: RunningMysql, options = '') =>
    `mysql://watcher:${PASSWORD_CANARY}@localhost:${port}${options}`

  it('demands TLS, and is replicated', async () => {
    const [above, below] = await Promise.all([start(false), start(true)])
    const refused = async (options: string) => (await watch(watcherUrl(below, options)).refused()).error
    expect(await refused('')).toMatchObject({
      code: 'tls_failed',
      message: expect.stringContaining('Add ssl-mode'),
    })
    expect(await refused('?ssl-mode=VERIFY_IDENTITY')).toMatchObject({ code: 'tls_failed' })
    const encrypted = watch(watcherUrl(below, '?ssl-mode=REQUIRED'))
    await encrypted.sample()
    await encrypted.source.stop()
    const trusted = `?ssl-mode=VERIFY_IDENTITY&ssl-ca=${below.caPath}`

    await above.ask("CREATE USER replica@'%' IDENTIFIED BY 'replica'")
    await above.ask("GRANT REPLICATION SLAVE ON *.* TO replica@'%'")
    const [state] = await above.ask('SELECT @@GLOBAL.gtid_executed AS done')
    await below.ask('RESET BINARY LOGS AND GTIDS')
    await below.ask(`SET GLOBAL gtid_purged = '${state?.done}'`)
    await below.ask(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '${above.host}', SOURCE_PORT = ${above.port},
 SOURCE_USER = 'replica', SOURCE_PASSWORD = 'replica', GET_SOURCE_PUBLIC_KEY = 1`)
    await below.ask('START REPLICA')
    const served = await watch(watcherUrl(above)).sample(
      (sample) => detailOf(sample, 'Activity', 'replicas') === 1 && sample.connections.total === 2,
    )
    expect(served.connections).toMatchObject({ active: 0, idle: 0, other: 2 })
    expect(served.sessions).toEqual([])
    // Each thread of the replica carries the name of root, who started them, and one of them the command of a client.
    const own =
      "SELECT 1 FROM performance_schema.threads WHERE NAME LIKE 'thread/sql/replica%' AND PROCESSLIST_USER = 'root'"
    expect((await below.ask(own)).length).toBeGreaterThan(1)
    const replica = await watch(watcherUrl(below, trusted)).sample(
      ({ connections: { total } }) => total === 1,
    )
    expect(replica.sessions).toEqual([])
  })
})
