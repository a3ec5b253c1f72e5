import type { Example } from '@poolscope/protocol'

const RELEASE: readonly Example[] = [
  {
    language: 'Node.js',
    code: 'const client = await pool.connect()\ntry {\n  await client.query(…)\n} finally {\n  client.release()\n}',
  },
  { language: 'Python', code: 'with engine.connect() as connection:\n    connection.execute(…)' },
  { language: 'Java', code: 'try (Connection connection = dataSource.getConnection()) {\n  …\n}' },
  {
    language: 'Go',
    code: 'rows, err := db.QueryContext(ctx, …)\nif err != nil {\n\treturn err\n}\ndefer rows.Close()',
  },
]

const ACQUIRE: readonly Example[] = [
  { language: 'Node.js', code: 'new Pool({ connectionTimeoutMillis: 2000 })' },
  { language: 'Python', code: 'create_engine(url, pool_timeout=5)' },
  { language: 'Java', code: 'config.setConnectionTimeout(3000)' },
  {
    language: 'Go',
    code: 'ctx, cancel := context.WithTimeout(ctx, 2*time.Second)\ndefer cancel()\nconn, err := db.Conn(ctx)',
  },
]

const STATEMENT: readonly Example[] = [
  { language: 'Node.js', code: 'new Pool({ statement_timeout: 5000 })' },
  { language: 'Python', code: "create_engine(url, connect_args={'options': '-c statement_timeout=5000'})" },
  { language: 'SQL', code: "ALTER ROLE orders SET statement_timeout = '5s'" },
]

const ONE_POOL: readonly Example[] = [
  {
    language: 'Node.js',
    code: '// once, when the module loads\nexport const pool = new Pool({ max: 10, min: 2 })',
  },
  { language: 'Python', code: '# once for the process\nengine = create_engine(url, pool_size=10)' },
  { language: 'Go', code: 'db.SetMaxOpenConns(10)\ndb.SetMaxIdleConns(10)' },
]

const NOT_WHILE_CALLING: readonly Example[] = [
  {
    language: 'Node.js',
    code: 'const { rows } = await pool.query(…)   // given back here\nconst answer = await fetch(…)\nawait pool.query(…)                   // another one',
  },
  {
    language: 'Python',
    code: 'with engine.begin() as connection:\n    order = connection.execute(…).one()\nanswer = call_other_service(order)\nwith engine.begin() as connection:\n    connection.execute(…)',
  },
]

/** Code that shows the remedy of a rule, by rule. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  leak: RELEASE,
  'leak-slope': RELEASE,
  stuck: RELEASE,
  'no-acquire-timeout': ACQUIRE,
  'no-statement-timeout': STATEMENT,
  churn: ONE_POOL,
  'held-during-io': NOT_WHILE_CALLING,
  'idle-in-transaction': NOT_WHILE_CALLING,
}
