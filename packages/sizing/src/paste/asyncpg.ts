import { checkModel, lines, type Recipe } from './paste-model.ts'

/** asyncpg. */
export const asyncpg: Recipe = {
  id: 'asyncpg',
  title: 'asyncpg (Python)',
  write: (model) => {
    const { max, min, acquireTimeoutMs, connectTimeoutMs, idleTimeoutMs, statementTimeoutMs } =
      checkModel(model)
    return [
      {
        file: 'db.py',
        language: 'python',
        text: lines(
          'import os',
          '',
          'import asyncpg',
          '',
          '',
          'async def create_pool():',
          '    return await asyncpg.create_pool(',
          '        os.environ["DATABASE_URL"],',
          `        min_size=${min},`,
          `        max_size=${max},`,
          '        max_queries=50000,',
          `        max_inactive_connection_lifetime=${idleTimeoutMs / 1000},`,
          `        timeout=${connectTimeoutMs / 1000},  # to connect`,
          `        command_timeout=${statementTimeoutMs / 1000},`,
          `        server_settings={"statement_timeout": "${statementTimeoutMs}"},`,
          '    )',
          '',
          '',
          'def acquire(pool):',
          `    return pool.acquire(timeout=${acquireTimeoutMs / 1000})`,
        ),
      },
    ]
  },
  notes: [
    'timeout of create_pool is that of connecting; how long a caller waits is said with each acquire().',
    'Behind PgBouncer in transaction or statement mode before 1.21 set statement_cache_size=0.',
  ],
}
