import { checkModel, lines, type Recipe } from './paste-model.ts'

/** redis-py. */
export const redisPy: Recipe = {
  id: 'redis-py',
  title: 'redis-py (Python)',
  write: (model) => {
    const { max, acquireTimeoutMs, connectTimeoutMs, idleTimeoutMs, statementTimeoutMs } = checkModel(model)
    return [
      {
        file: 'cache.py',
        language: 'python',
        text: lines(
          'import os',
          '',
          'import redis',
          '',
          'pool = redis.BlockingConnectionPool.from_url(',
          '    os.environ["REDIS_URL"],',
          `    max_connections=${max},`,
          `    timeout=${acquireTimeoutMs / 1000},`,
          `    socket_timeout=${statementTimeoutMs / 1000},`,
          `    socket_connect_timeout=${connectTimeoutMs / 1000},`,
          '    socket_keepalive=True,',
          `    health_check_interval=${Math.max(1, Math.round(idleTimeoutMs / 1000))},`,
          ')',
          'client = redis.Redis(connection_pool=pool)',
        ),
      },
    ]
  },
  notes: [
    'The plain ConnectionPool does not wait: it raises when all are taken. BlockingConnectionPool waits for timeout seconds.',
    'Connections are opened when needed and kept; there is no min.',
  ],
}
