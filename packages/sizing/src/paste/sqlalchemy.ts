import { checkModel, lines, type Recipe, seconds } from './paste-model.ts'

/** SQLAlchemy's QueuePool. */
export const sqlalchemy: Recipe = {
  id: 'sqlalchemy',
  title: 'SQLAlchemy (Python)',
  write: (model) => {
    const { max, acquireTimeoutMs, connectTimeoutMs, maxLifetimeMs, statementTimeoutMs } = checkModel(model)
    return [
      {
        file: 'db.py',
        language: 'python',
        text: lines(
          'import os',
          '',
          'from sqlalchemy import create_engine',
          '',
          'engine = create_engine(',
          '    os.environ["DATABASE_URL"],',
          `    pool_size=${max},`,
          '    max_overflow=0,',
          `    pool_timeout=${acquireTimeoutMs / 1000},`,
          `    pool_recycle=${seconds(maxLifetimeMs)},`,
          '    pool_pre_ping=True,',
          '    connect_args={',
          `        "connect_timeout": ${seconds(connectTimeoutMs)},`,
          `        "options": "-c statement_timeout=${statementTimeoutMs}",`,
          '    },',
          ')',
        ),
      },
    ]
  },
  notes: [
    'The most is pool_size + max_overflow. Here overflow is 0, so that the pool keeps what it opens; pool_size counts what is kept, and nothing is opened ahead of time.',
    'connect_args are those of psycopg2.',
  ],
}
