import { cleanName } from './clean-name.ts'
import { SourceFailure } from './failure.ts'
import { MOST_LOCKS } from './held-locks.ts'
import { ELAPSED_SQL } from './mysql-session.ts'

/** All that differs between the two kinds of server, which the server itself tells by its version. */
export type MysqlFlavor = {
  readonly label: 'MariaDB' | 'MySQL'
  /** Such as `10.11.19`; builds of packagers are left out. */
  readonly version: string
  /** Binds the session to its limits. */
  readonly settingsSql: string
  /** Sessions from the process list, which is always there. */
  readonly processList: ClientList
  /** Sessions from the performance schema, where that is the cheaper way; null where it is not. */
  readonly threads: ClientList | null
  /** Statements that run now, with the columns of `RunningStatement`. */
  runningSql(limit: number): string
  /** Who waits for whom to let go of a row, with the columns of `LockWaitRow`. */
  readonly lockWaitsSql: string
  /** What sessions have locked, with the columns of `LockRow`. */
  locksSql(pids: readonly number[]): string
  /** Locks are told whoever waits for them, and not those alone that somebody waits for. */
  readonly listsAllLocks: boolean
  /** Locks are told by the performance schema. */
  readonly locksNeedSchema: boolean
  readonly statusTable: string
  /** A statement's 95th percentile, in picoseconds. */
  readonly p95Column: string
  /** Counters that only this kind has, with what each is for. */
  readonly counters: Readonly<Record<string, string>>
  /** Settings that only this kind has. */
  readonly settings: Readonly<Record<string, FlavorSetting>>
  readonly door: MysqlDoor
}

/** Where sessions are read; the one that asks is left out of either. */
type ClientList = {
  /** One row a session, with the columns of `ClientRow`. */
  sql(limit: number): string
  /** What all of them are counted by, for a server with more than are listed. */
  readonly kindsSql: string
}

/** @see settingsOf in mysql-details.ts */
export type FlavorSetting = { unit: 'count' | 'ms' | 'text'; scale: number; note: string }

/** The door that stays open when every ordinary place is taken. */
export type MysqlDoor = {
  /** The setting with its port. */
  port: string
  /** The setting without which it stays shut; null when the port is enough. */
  address: string | null
  /** The right that it asks for; null when it lets in anybody. */
  right: string | null
  /** What to set to open it. */
  fix: readonly string[]
}

/** Most pairs of a session that waits and one that keeps it waiting. */
const MOST_LOCK_WAITS = 200

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

/** Threads of the server itself are listed among its clients, and take no place of theirs: they are left out. */
const OTHERS = `FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND COMMAND <> 'Daemon'
 AND USER NOT IN ('system user', 'event_scheduler')`
/** A MySQL 9.7 has no SHA1 and no MD5, unless a component is installed. */
const HASH = 'SHA2(INFO, 256)'
const RUNNING = "COMMAND IN ('Query', 'Execute') AND INFO IS NOT NULL"

/** Texts of running statements by the hashes of `runningSql`, which are hexadecimal. */
export function runningTextsSql(hashes: readonly string[], length: number): string {
  return `SELECT DISTINCT ${HASH} AS hash, LEFT(INFO, ${length}) AS text ${OTHERS} AND ${RUNNING}
 AND ${HASH} IN (${hashes.map((hash) => `'${hash}'`).join(', ')})`
}

function processList(timeMs: string): ClientList {
  // What follows the last colon is the client's port; a Unix socket has none.
  const host = "IF(HOST LIKE '%:%', LEFT(HOST, CHAR_LENGTH(HOST) - LOCATE(':', REVERSE(HOST))), NULL)"
  return {
    sql: (limit) => `SELECT ID AS pid, USER AS user, ${host} AS host, DB AS db, COMMAND AS command,
 STATE AS state, ${timeMs} AS timeMs, ${ELAPSED_SQL} ${OTHERS} LIMIT ${limit}`,
    kindsSql: `SELECT ID AS pid, USER AS user, COMMAND AS command ${OTHERS}`,
  }
}

function runningSql(timeMs: string, run: string): (limit: number) => string {
  return (
    limit,
  ) => `SELECT ID AS pid, USER AS user, DB AS \`database\`, ${HASH} AS hash, ${timeMs} AS elapsedMs,
 ${run} AS run, ${ELAPSED_SQL} ${OTHERS} AND ${RUNNING} LIMIT ${limit}`
}

/** @param locks rows of `pid`, `kind`, `mode`, `relation` and `granted`, one a lock */
function strongestLocks(locks: string): string {
  return `SELECT *, ${ELAPSED_SQL} FROM (SELECT pid, kind, mode, relation, granted, COUNT(*) AS count,
 COUNT(*) OVER (PARTITION BY pid) AS kinds,
 ROW_NUMBER() OVER (PARTITION BY pid ORDER BY mode LIKE 'X%' DESC, kind, relation) AS place
 FROM (${locks}) one GROUP BY pid, kind, mode, relation, granted) k WHERE place <= ${MOST_LOCKS} ORDER BY pid, place`
}

/** Ages are in milliseconds, and nothing has to be switched on. */
function mariadb(version: string): MysqlFlavor {
  return {
    label: 'MariaDB',
    version,
    settingsSql: `SET SESSION max_statement_time = 2, tx_read_only = 1, ${COMMON_SETTINGS}`,
    processList: processList('TIME_MS'),
    threads: null,
    runningSql: runningSql('TIME_MS', 'QUERY_ID'),
    lockWaitsSql: `SELECT r.trx_mysql_thread_id AS pid, b.trx_mysql_thread_id AS blocker, ${ELAPSED_SQL}
 FROM information_schema.INNODB_LOCK_WAITS w
 JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
 JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id LIMIT ${MOST_LOCK_WAITS}`,
    locksSql: (pids) =>
      strongestLocks(`SELECT x.trx_mysql_thread_id AS pid,
 LOWER(CAST(l.lock_type AS CHAR(16))) AS kind, CAST(l.lock_mode AS CHAR(32)) AS mode,
 REPLACE(l.lock_table, '\`', '') AS relation, NOT (l.lock_id <=> x.trx_requested_lock_id) AS granted
 FROM information_schema.INNODB_LOCKS l JOIN information_schema.INNODB_TRX x ON x.trx_id = l.lock_trx_id
 WHERE x.trx_mysql_thread_id IN (${pids.join(', ')})`),
    listsAllLocks: false,
    locksNeedSchema: false,
    statusTable: 'information_schema.GLOBAL_STATUS',
    p95Column: 'NULL',
    counters: {
      Access_denied_errors: 'Logins and statements that were refused for want of a right.',
      Max_statement_time_exceeded: 'Statements that were ended because they ran longer than they may.',
    },
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
      address: null,
      right: null,
      fix: [
        'extra_port = 3307             # in the [mariadb] section of the configuration, then restart',
        'extra_max_connections = 3',
      ],
    },
  }
}

/** Sessions come from the performance schema: the process list holds a lock that all connections need. */
function mysql(version: string): MysqlFlavor {
  // A replica's own threads carry the name of whoever started them, and the commands of clients.
  const from = `FROM performance_schema.threads
 WHERE NAME IN ('thread/sql/one_connection', 'thread/thread_pool/tp_one_connection')
 AND PROCESSLIST_ID IS NOT NULL AND PROCESSLIST_ID <> CONNECTION_ID()`
  return {
    label: 'MySQL',
    version,
    settingsSql: `SET SESSION max_execution_time = 2000, transaction_read_only = 1, ${COMMON_SETTINGS}`,
    processList: processList('TIME * 1000'),
    threads: {
      sql: (limit) => `SELECT PROCESSLIST_ID AS pid, PROCESSLIST_USER AS user,
 IF(CONNECTION_TYPE = 'Socket', NULL, PROCESSLIST_HOST) AS host, PROCESSLIST_DB AS db,
 PROCESSLIST_COMMAND AS command, PROCESSLIST_STATE AS state, PROCESSLIST_TIME * 1000 AS timeMs,
 ${ELAPSED_SQL} ${from} LIMIT ${limit}`,
      kindsSql: `SELECT PROCESSLIST_ID AS pid, PROCESSLIST_USER AS user, PROCESSLIST_COMMAND AS command ${from}`,
    },
    // Runs of one statement have no number here: one that has run for less than before is another one.
    runningSql: runningSql('TIME * 1000', HASH),
    lockWaitsSql: `SELECT DISTINCT r.PROCESSLIST_ID AS pid, b.PROCESSLIST_ID AS blocker, ${ELAPSED_SQL}
 FROM performance_schema.data_lock_waits w
 JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID
 JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID LIMIT ${MOST_LOCK_WAITS}`,
    locksSql: (pids) =>
      strongestLocks(`SELECT t.PROCESSLIST_ID AS pid, LOWER(l.LOCK_TYPE) AS kind, l.LOCK_MODE AS mode,
 CONCAT(l.OBJECT_SCHEMA, '.', l.OBJECT_NAME) AS relation, l.LOCK_STATUS = 'GRANTED' AS granted
 FROM performance_schema.data_locks l JOIN performance_schema.threads t ON t.THREAD_ID = l.THREAD_ID
 WHERE t.PROCESSLIST_ID IN (${pids.join(', ')})`),
    listsAllLocks: true,
    locksNeedSchema: true,
    statusTable: 'performance_schema.global_status',
    p95Column: 'QUANTILE_95',
    counters: {
      Max_execution_time_exceeded: 'Statements that were ended because they ran longer than they may.',
    },
    settings: {
      max_execution_time: { unit: 'ms', scale: 1, note: 'A SELECT that runs longer is ended; 0 never.' },
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
      address: 'admin_address',
      right: 'SERVICE_CONNECTION_ADMIN',
      fix: ['admin_address = 127.0.0.1     # in the [mysqld] section of the configuration, then restart'],
    },
  }
}
