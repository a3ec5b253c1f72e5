import { cleanName } from './clean-name.ts'
import { SourceFailure } from './failure.ts'
import { ELAPSED_SQL } from './mysql-session.ts'

/** All that differs between the two kinds of server, which the server itself tells by its version. */
export type MysqlFlavor = {
  readonly system: 'mysql' | 'mariadb'
  /** Such as `MariaDB`. */
  readonly label: string
  /** Such as `10.11.19`; builds of packagers are left out. */
  readonly version: string
  /** Binds the session to its limits. */
  readonly settingsSql: string
  /** One row a session, with the columns of `ClientRow`; the session's own is left out. */
  clientsSql(limit: number): string
  /** What sessions are counted by, without a limit, for a server with more of them than are listed. */
  readonly clientKindsSql: string
  /** The sessions come from the performance schema, which may be off or forbidden. */
  readonly needsPerformanceSchema: boolean
  /** Statements that run now, with the columns of `RunningRow`. */
  runningSql(limit: number): string
  /** The texts of those with one of the hashes. */
  runningTextsSql(hashes: readonly string[], length: number): string
  readonly statusTable: string
  /** A statement's 95th percentile, in picoseconds. */
  readonly p95Column: string
  /** The counter of statements that the server ended by its own time-out. */
  readonly timedOutCounter: string
  /** Settings that only this kind has, with what each is for. */
  readonly settings: Readonly<Record<string, FlavorSetting>>
  /** The settings of the door that stays open when every ordinary place is taken, and how it is opened. */
  readonly door: { port: string; fix: readonly string[]; how: string }
}

/** @see MysqlSetting in mysql-details.ts */
export type FlavorSetting = { unit: 'count' | 'ms' | 'text'; scale: number; note: string }

const COMMON_SETTINGS =
  "autocommit = 1, lock_wait_timeout = 1, wait_timeout = 600, time_zone = 'SYSTEM', sql_mode = ''"

/**
 * The flavor of a server by what it calls itself.
 * @param version such as `10.11.19-MariaDB-0+deb12u1` or `8.0.44`
 * @throws SourceFailure `version_unsupported` for MySQL before 8.0 and MariaDB before 10.11
 */
export function flavorOf(version: string): MysqlFlavor {
  const isMariadb = /mariadb/i.test(version)
  // Old replicas had to be told a version that they understood: 5.5.5-10.11.19-MariaDB.
  const plain = isMariadb ? version.replace(/^5\.5\.5-/, '') : version
  const [number = '', major, minor] = /^(\d+)\.(\d+)(?:\.\d+)?/.exec(plain) ?? []
  const [oldestMajor, oldestMinor] = isMariadb ? [10, 11] : [8, 0]
  const isKnown =
    Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor)
  if (!isKnown) throw new SourceFailure('version_unsupported')
  return isMariadb ? mariadb(cleanName(number)) : mysql(cleanName(number))
}

/** Sessions come from the process list, with ages in milliseconds; nothing has to be switched on. */
function mariadb(version: string): MysqlFlavor {
  const from = 'FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()'
  const running = "COMMAND IN ('Query', 'Execute') AND INFO IS NOT NULL"
  return {
    system: 'mariadb',
    label: 'MariaDB',
    version,
    settingsSql: `SET SESSION max_statement_time = 2, tx_read_only = 1, ${COMMON_SETTINGS}`,
    clientsSql: (limit) => `SELECT ID AS pid, USER AS user, HOST AS host, DB AS db, COMMAND AS command,
 STATE AS state, TIME_MS AS timeMs, IF(HOST LIKE '%:%', 'TCP', 'Socket') AS via, ${ELAPSED_SQL} ${from} LIMIT ${limit}`,
    clientKindsSql: `SELECT ID AS pid, USER AS user, COMMAND AS command ${from}`,
    needsPerformanceSchema: false,
    runningSql: (limit) => `SELECT ID AS pid, USER AS user, DB AS db, SHA1(INFO) AS hash, TIME_MS AS elapsedMs,
 QUERY_ID AS run, ${ELAPSED_SQL} ${from} AND ${running} LIMIT ${limit}`,
    runningTextsSql: (hashes, length) =>
      `SELECT DISTINCT SHA1(INFO) AS hash, LEFT(INFO, ${length}) AS text ${from} AND ${running}
 AND SHA1(INFO) IN (${quoted(hashes)})`,
    statusTable: 'information_schema.GLOBAL_STATUS',
    p95Column: 'NULL',
    timedOutCounter: 'MAX_STATEMENT_TIME_EXCEEDED',
    settings: {
      max_statement_time: {
        unit: 'ms',
        scale: 1000,
        note: 'A statement that runs longer is ended; 0 never.',
      },
      idle_transaction_timeout: {
        unit: 'ms',
        scale: 1000,
        note: 'A session that idles longer in an open transaction is cut off; 0 never.',
      },
      thread_handling: {
        unit: 'text',
        scale: 1,
        note: 'A thread for each connection, or a pool of threads for all of them.',
      },
      extra_port: {
        unit: 'count',
        scale: 1,
        note: 'Door that stays open when max_connections is reached; 0 is none.',
      },
      extra_max_connections: {
        unit: 'count',
        scale: 1,
        note: 'Connections that the extra port takes.',
      },
    },
    door: {
      port: 'extra_port',
      how: 'extra_port takes connections of any user when max_connections is reached',
      fix: [
        'extra_port = 3307             # in the [mariadb] section of the configuration, then restart',
        'extra_max_connections = 3',
      ],
    },
  }
}

/** Sessions come from the performance schema: the process list would hold a lock that all connections need. */
function mysql(version: string): MysqlFlavor {
  const from = `FROM performance_schema.threads WHERE TYPE = 'FOREGROUND' AND PROCESSLIST_ID IS NOT NULL
 AND PROCESSLIST_ID <> CONNECTION_ID()`
  const running = "PROCESSLIST_COMMAND IN ('Query', 'Execute') AND PROCESSLIST_INFO IS NOT NULL"
  return {
    system: 'mysql',
    label: 'MySQL',
    version,
    settingsSql: `SET SESSION max_execution_time = 2000, transaction_read_only = 1, ${COMMON_SETTINGS}`,
    clientsSql: (limit) => `SELECT PROCESSLIST_ID AS pid, PROCESSLIST_USER AS user, PROCESSLIST_HOST AS host,
 PROCESSLIST_DB AS db, PROCESSLIST_COMMAND AS command, PROCESSLIST_STATE AS state,
 PROCESSLIST_TIME * 1000 AS timeMs, CONNECTION_TYPE AS via, ${ELAPSED_SQL} ${from} LIMIT ${limit}`,
    clientKindsSql: `SELECT PROCESSLIST_ID AS pid, PROCESSLIST_USER AS user, PROCESSLIST_COMMAND AS command ${from}`,
    needsPerformanceSchema: true,
    runningSql: (limit) => `SELECT PROCESSLIST_ID AS pid, PROCESSLIST_USER AS user, PROCESSLIST_DB AS db,
 SHA1(PROCESSLIST_INFO) AS hash, PROCESSLIST_TIME * 1000 AS elapsedMs,
 CONCAT(SHA1(PROCESSLIST_INFO), UNIX_TIMESTAMP() - PROCESSLIST_TIME) AS run, ${ELAPSED_SQL}
 ${from} AND ${running} LIMIT ${limit}`,
    runningTextsSql: (hashes, length) =>
      `SELECT DISTINCT SHA1(PROCESSLIST_INFO) AS hash, LEFT(PROCESSLIST_INFO, ${length}) AS text
 ${from} AND ${running} AND SHA1(PROCESSLIST_INFO) IN (${quoted(hashes)})`,
    statusTable: 'performance_schema.global_status',
    p95Column: 'QUANTILE_95',
    timedOutCounter: 'MAX_EXECUTION_TIME_EXCEEDED',
    settings: {
      max_execution_time: {
        unit: 'ms',
        scale: 1,
        note: 'A SELECT that runs longer is ended; 0 never.',
      },
      admin_port: {
        unit: 'count',
        scale: 1,
        note: 'Door that stays open when max_connections is reached, once admin_address is set.',
      },
      admin_address: {
        unit: 'text',
        scale: 1,
        note: 'Where the door for administrators listens; empty is nowhere.',
      },
    },
    door: {
      port: 'admin_port',
      how: 'admin_port takes connections of users with SERVICE_CONNECTION_ADMIN when max_connections is reached',
      fix: [
        'admin_address = 127.0.0.1     # in the [mysqld] section of the configuration, then restart',
        'GRANT SERVICE_CONNECTION_ADMIN ON *.* TO …;',
      ],
    },
  }
}

/** Hashes as a list of SQL; they are hexadecimal. */
function quoted(hashes: readonly string[]): string {
  return hashes.map((hash) => `'${hash}'`).join(', ')
}
