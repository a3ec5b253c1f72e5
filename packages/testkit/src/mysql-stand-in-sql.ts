/**
 * What MySQL has and MariaDB 10.11 has not, or calls otherwise, as far as a watcher asks for it. Each fact was seen on a
 * MySQL 9.7.4; the links are to the manual.
 */

/** Where the tables of MySQL are kept that MariaDB does not have. */
const HOME = 'mysql8'

/** The doors of a stand-in. */
export type StandInDoors = { port: number; adminPort: number | null }

/** The default port of a door that is not open. @see https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_admin_port */
const CLOSED_ADMIN_PORT = 33_062

/** The upper end of the step that the longest run falls in, picoseconds. */
const STEP = 'ROUND(POW(10, CEIL(50 * LOG10(GREATEST(MAX_TIMER_WAIT, 10000000))) / 50))'

/** Threads of a MySQL itself, as a replica lists them: those of the replication carry the name of whoever started it. */
const OWN_THREADS = [
  [
    'event_scheduler',
    "'event_scheduler' AS PROCESSLIST_USER, 'localhost' AS PROCESSLIST_HOST, 'Daemon' AS PROCESSLIST_COMMAND, 'Waiting on empty queue' AS PROCESSLIST_STATE",
  ],
  ['compress_gtid_table', "NULL, NULL, 'Daemon', 'Suspending'"],
  ['replica_io', "'root', 'localhost', 'Connect', 'Waiting for source to send event'"],
  ['replica_sql', "'root', 'localhost', 'Query', 'Replica has read all relay log; waiting for more updates'"],
].map(([name, rest], i) => {
  const id = 4_000_000_001 + i
  return `SELECT ${id} AS THREAD_ID, 'thread/sql/${name}' AS NAME, 'FOREGROUND' AS TYPE, ${id} AS PROCESSLIST_ID, NULL AS PROCESSLIST_DB,
 60 AS PROCESSLIST_TIME, NULL AS CONNECTION_TYPE, ${rest}`
})

/** Statements that make the tables, for whoever may read what they are made of. */
export function homeSql({ port, adminPort }: StandInDoors): string[] {
  const view = (name: string, select: string) =>
    `CREATE OR REPLACE SQL SECURITY INVOKER VIEW ${HOME}.${name} AS ${select}`
  return [
    `CREATE DATABASE IF NOT EXISTS ${HOME}`,
    // https://dev.mysql.com/doc/refman/8.4/en/information-schema-processlist-table.html
    view(
      'processlist',
      'SELECT ID, USER, HOST, DB, COMMAND, TIME, STATE, INFO FROM information_schema.PROCESSLIST',
    ),
    // Only locks that somebody waits for: of rows, found by a key, and of their tables.
    // https://dev.mysql.com/doc/refman/8.4/en/performance-schema-data-locks-table.html
    view(
      'data_locks',
      `SELECT 'INNODB' AS ENGINE, l.lock_id AS ENGINE_LOCK_ID, l.lock_trx_id AS ENGINE_TRANSACTION_ID,
 t.THREAD_ID AS THREAD_ID, REPLACE(SUBSTRING_INDEX(l.lock_table, '.', 1), '\`', '') AS OBJECT_SCHEMA,
 REPLACE(SUBSTRING_INDEX(l.lock_table, '.', -1), '\`', '') AS OBJECT_NAME, l.lock_index AS INDEX_NAME,
 CAST(l.lock_type AS CHAR(32)) AS LOCK_TYPE,
 CONCAT(l.lock_mode, IF(l.lock_type = 'RECORD', ',REC_NOT_GAP', '')) AS LOCK_MODE,
 IF(l.lock_id = x.trx_requested_lock_id, 'WAITING', 'GRANTED') AS LOCK_STATUS, l.lock_data AS LOCK_DATA
 FROM information_schema.INNODB_LOCKS l JOIN information_schema.INNODB_TRX x ON x.trx_id = l.lock_trx_id
 JOIN performance_schema.threads t ON t.PROCESSLIST_ID = x.trx_mysql_thread_id
 UNION ALL SELECT 'INNODB', CONCAT(l.lock_trx_id, ':', l.lock_table), l.lock_trx_id, t.THREAD_ID,
 REPLACE(SUBSTRING_INDEX(l.lock_table, '.', 1), '\`', ''), REPLACE(SUBSTRING_INDEX(l.lock_table, '.', -1), '\`', ''), NULL,
 'TABLE', 'IX', 'GRANTED', NULL FROM information_schema.INNODB_LOCKS l
 JOIN information_schema.INNODB_TRX x ON x.trx_id = l.lock_trx_id
 JOIN performance_schema.threads t ON t.PROCESSLIST_ID = x.trx_mysql_thread_id
 WHERE l.lock_type = 'RECORD' AND l.lock_mode = 'X' GROUP BY l.lock_trx_id, l.lock_table, t.THREAD_ID`,
    ),
    // https://dev.mysql.com/doc/refman/8.4/en/performance-schema-data-lock-waits-table.html
    view(
      'data_lock_waits',
      `SELECT 'INNODB' AS ENGINE, w.requested_lock_id AS REQUESTING_ENGINE_LOCK_ID,
 w.requesting_trx_id AS REQUESTING_ENGINE_TRANSACTION_ID, rt.THREAD_ID AS REQUESTING_THREAD_ID,
 w.blocking_lock_id AS BLOCKING_ENGINE_LOCK_ID, w.blocking_trx_id AS BLOCKING_ENGINE_TRANSACTION_ID,
 bt.THREAD_ID AS BLOCKING_THREAD_ID FROM information_schema.INNODB_LOCK_WAITS w
 JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
 JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
 JOIN performance_schema.threads rt ON rt.PROCESSLIST_ID = r.trx_mysql_thread_id
 JOIN performance_schema.threads bt ON bt.PROCESSLIST_ID = b.trx_mysql_thread_id`,
    ),
    // https://dev.mysql.com/doc/refman/8.4/en/performance-schema-threads-table.html
    view(
      'threads',
      `${OWN_THREADS.join(' UNION ALL ')} UNION ALL SELECT THREAD_ID, NAME, TYPE, PROCESSLIST_ID, PROCESSLIST_DB,
 PROCESSLIST_TIME, CONNECTION_TYPE, PROCESSLIST_USER, PROCESSLIST_HOST, PROCESSLIST_COMMAND, PROCESSLIST_STATE
 FROM performance_schema.threads`,
    ),
    // A statement of a transaction is nested in it.
    // https://dev.mysql.com/doc/refman/8.4/en/performance-schema-events-statements-current-table.html
    view(
      'events_statements_current',
      `SELECT s.THREAD_ID, s.SQL_TEXT, s.TIMER_START, s.NESTING_EVENT_LEVEL,
 IF(x.trx_id IS NULL, s.NESTING_EVENT_ID, s.EVENT_ID) AS NESTING_EVENT_ID FROM performance_schema.events_statements_current s
 JOIN performance_schema.threads t ON t.THREAD_ID = s.THREAD_ID
 LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = t.PROCESSLIST_ID`,
    ),
    // Digests of 64 digits, and quantiles, which are the upper end of a step of a histogram, each step a fiftieth of a
    // power of ten. MariaDB keeps no histogram, so that the longest run stands for all.
    // https://dev.mysql.com/doc/refman/8.4/en/performance-schema-statement-summary-tables.html
    // https://dev.mysql.com/doc/refman/8.4/en/performance-schema-statement-digests.html
    view(
      'events_statements_summary_by_digest',
      `SELECT SCHEMA_NAME, SHA2(DIGEST, 256) AS DIGEST,
 REPLACE(DIGEST_TEXT, '\`${HOME}\`', '\`performance_schema\`') AS DIGEST_TEXT, COUNT_STAR, SUM_TIMER_WAIT, MAX_TIMER_WAIT,
 SUM_ROWS_SENT, FIRST_SEEN, LAST_SEEN, ${STEP} AS QUANTILE_95, ${STEP} AS QUANTILE_99
 FROM performance_schema.events_statements_summary_by_digest`,
    ),
    // https://dev.mysql.com/doc/refman/8.4/en/server-status-variables.html#statvar_Max_execution_time_exceeded
    view(
      'global_status',
      `SELECT IF(VARIABLE_NAME = 'MAX_STATEMENT_TIME_EXCEEDED', 'Max_execution_time_exceeded', VARIABLE_NAME)
 AS VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS
 WHERE VARIABLE_NAME NOT IN ('ACCESS_DENIED_ERRORS', 'CONNECTION_ERRORS_MAX_CONNECTIONS')`,
    ),
    // https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_execution_time
    // https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_admin_address
    view(
      'global_variables',
      `SELECT LOWER(VARIABLE_NAME) AS VARIABLE_NAME, IF(VARIABLE_NAME = 'PORT', '${port}', VARIABLE_VALUE) AS VARIABLE_VALUE
 FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME NOT IN ('MAX_STATEMENT_TIME',
 'IDLE_TRANSACTION_TIMEOUT', 'EXTRA_PORT', 'EXTRA_MAX_CONNECTIONS', 'TX_READ_ONLY')
 UNION ALL SELECT 'max_execution_time', ROUND(VARIABLE_VALUE * 1000)
 FROM information_schema.GLOBAL_VARIABLES WHERE VARIABLE_NAME = 'MAX_STATEMENT_TIME'
 UNION ALL SELECT 'admin_address', '${adminPort === null ? '' : '127.0.0.1'}'
 UNION ALL SELECT 'admin_port', '${adminPort ?? CLOSED_ADMIN_PORT}'`,
    ),
    // A row for each level, every right by its own name: https://dev.mysql.com/doc/refman/8.4/en/show-grants.html
    view(
      'grants',
      `SELECT CONCAT('GRANT ', GROUP_CONCAT(REPLACE(PRIVILEGE_TYPE, 'CONNECTION ADMIN', 'SERVICE_CONNECTION_ADMIN')),
 ' ON *.* TO ', REPLACE(GRANTEE, '''', '\`')) AS Grants FROM information_schema.USER_PRIVILEGES
 WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER() GROUP BY GRANTEE`,
    ),
    // https://dev.mysql.com/doc/refman/8.4/en/administrative-connection-interface.html
    `CREATE OR REPLACE PROCEDURE ${HOME}.admin_door() SQL SECURITY INVOKER BEGIN
 IF NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'CONNECTION ADMIN'
 AND REPLACE(GRANTEE, '''', '') = CURRENT_USER()) THEN SIGNAL SQLSTATE '42000' SET MYSQL_ERRNO = 1227,
 MESSAGE_TEXT = 'Access denied; you need (at least one of) the SERVICE_CONNECTION_ADMIN privilege(s) for this operation';
 END IF; END`,
    `GRANT SELECT, EXECUTE ON ${HOME}.* TO PUBLIC`,
  ]
}

/** Asks the server whether this session may come by the door of administrators. */
export const ADMIN_DOOR_SQL = `CALL ${HOME}.admin_door()`

/** Tables, settings and functions that a MySQL 9.7 does not have, with the error that it answers. */
const MISSING: readonly (readonly [RegExp, number, string, (name: string) => string])[] = [
  [
    // https://dev.mysql.com/worklog/task/?id=8057 and https://dev.mysql.com/worklog/task/?id=9275
    /information_schema\s*\.\s*(GLOBAL_STATUS|GLOBAL_VARIABLES|INNODB_LOCKS|INNODB_LOCK_WAITS)\b/i,
    1109,
    '42S02',
    (name) => `Unknown table '${name}' in information_schema`,
  ],
  [
    // https://dev.mysql.com/doc/refman/8.4/en/added-deprecated-removed.html
    /\bSET\b.*\b(max_statement_time|tx_read_only|tx_isolation|idle_transaction_timeout)\s*=/i,
    1193,
    'HY000',
    (name) => `Unknown system variable '${name}'`,
  ],
  // Taken for a function of the database that the session is in.
  [/\b(SHA1|SHA|MD5)\(/i, 1046, '3D000', () => 'No database selected'],
  [
    /\bFLUSH\s+(HOSTS)\b/i,
    1064,
    '42000',
    (name) => `You have an error in your SQL syntax; the right syntax to use near '${name}'`,
  ],
]

/** What MySQL refuses and MariaDB takes; null for all else. */
export function refusalOf(sql: string): { number: number; sqlState: string; message: string } | null {
  for (const [pattern, number, sqlState, message] of MISSING) {
    const [, name] = pattern.exec(sql) ?? []
    if (name !== undefined) return { number, sqlState, message: message(name) }
  }
  return null
}

const OWN_TABLES = 'data_locks|data_lock_waits|events_statements_(?:current|summary_by_digest)|threads'

/**
 * A statement for MySQL in the words of MariaDB.
 * @param refused logins that were turned away for want of a place, which MySQL counts and MariaDB does not
 */
export function translateSql(sql: string, version: string, refused: number): string {
  return sql
    .replace(/\bVERSION\(\)/gi, `'${version}'`)
    .replace(/\bmax_execution_time\s*=\s*(\d+)/gi, (_, ms) => `max_statement_time = ${Number(ms) / 1000}`)
    .replace(/\btransaction_read_only\s*=/gi, 'tx_read_only =')
    .replace(/\binformation_schema\.PROCESSLIST\b/gi, `${HOME}.processlist`)
    .replace(new RegExp(`(?<!TRUNCATE TABLE )\\bperformance_schema\\.(${OWN_TABLES})\\b`, 'gi'), (_, name) =>
      `${HOME}.${name}`.toLowerCase(),
    )
    .replace(
      /\bperformance_schema\.global_status\b/gi,
      `(SELECT * FROM ${HOME}.global_status UNION ALL SELECT 'Connection_errors_max_connections', '${refused}') AS global_status`,
    )
    .replace(
      /\bSHOW GLOBAL VARIABLES\b/gi,
      `SELECT VARIABLE_NAME AS Variable_name, VARIABLE_VALUE AS Value FROM ${HOME}.global_variables`,
    )
    .replace(/\bSHOW GRANTS\s*$/i, `SELECT Grants FROM ${HOME}.grants`)
    .replace(/\b(GRANT|REVOKE) SERVICE_CONNECTION_ADMIN\b/gi, '$1 CONNECTION ADMIN')
}

/**
 * Numbers of errors that the two do not share: a time-out, a table that is not for this user, a locked account.
 * @see https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
 */
export const ERRORS: ReadonlyMap<number, { number: number; sqlState: string; message: string }> = new Map([
  [
    1969,
    {
      number: 3024,
      sqlState: 'HY000',
      message: 'Query execution was interrupted, maximum statement execution time exceeded',
    },
  ],
  [1356, { number: 1142, sqlState: '42000', message: 'SELECT command denied to user for table' }],
  [4151, { number: 3118, sqlState: 'HY000', message: 'Access denied. Account is locked.' }],
])
