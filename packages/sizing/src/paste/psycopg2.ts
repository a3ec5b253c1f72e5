import { checkModel, lines, type Recipe, seconds } from './paste-model.ts'

/** psycopg2. */
export const psycopg2: Recipe = {
  id: 'psycopg2',
  title: 'psycopg2 (Python)',
  write: (model) => {
    const { max, min, acquireTimeoutMs, connectTimeoutMs, statementTimeoutMs } = checkModel(model)
    const wait = acquireTimeoutMs / 1000
    return [
      {
        file: 'db.py',
        language: 'python',
        text: lines(
          'import os',
          'import threading',
          'from contextlib import contextmanager',
          '',
          'from psycopg2.pool import ThreadedConnectionPool',
          '',
          `MAX = ${max}`,
          'pool = ThreadedConnectionPool(',
          `    minconn=${min},`,
          '    maxconn=MAX,',
          '    dsn=os.environ["DATABASE_URL"],',
          `    connect_timeout=${seconds(connectTimeoutMs)},`,
          `    options="-c statement_timeout=${statementTimeoutMs}",`,
          ')',
          '# The pool does not wait: getconn() raises PoolError when all are taken.',
          'slots = threading.BoundedSemaphore(MAX)',
          '',
          '',
          '@contextmanager',
          'def connection():',
          `    if not slots.acquire(timeout=${wait}):`,
          `        raise TimeoutError("no connection within ${wait} s")`,
          '    try:',
          '        conn = pool.getconn()',
          '        try:',
          '            with conn:  # commits, or rolls back on an exception',
          '                yield conn',
          '        finally:',
          '            pool.putconn(conn)',
          '    finally:',
          '        slots.release()',
        ),
      },
    ]
  },
  notes: [
    'getconn() takes no timeout and does not wait; the semaphore does. SimpleConnectionPool is not for threads.',
    'minconn are opened at once, and as many are kept: others are closed when they come back. There is neither an idle time-out nor a lifetime.',
  ],
}
