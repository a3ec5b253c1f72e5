import { checkModel, lines, type Recipe } from './paste-model.ts'

/** ioredis, which has no pool. */
export const ioredisRecipe: Recipe = {
  id: 'ioredis',
  title: 'ioredis',
  write: (model) => {
    const { connectTimeoutMs, statementTimeoutMs, idleTimeoutMs } = checkModel(model)
    return [
      {
        file: 'redis.js',
        language: 'js',
        text: lines(
          "import { Redis } from 'ioredis'",
          '',
          'export const redis = new Redis(process.env.REDIS_URL, {',
          '  maxRetriesPerRequest: 3,',
          '  enableReadyCheck: true,',
          '  enableOfflineQueue: true,',
          `  connectTimeout: ${connectTimeoutMs},`,
          `  commandTimeout: ${statementTimeoutMs},`,
          `  keepAlive: ${idleTimeoutMs},`,
          '})',
          '',
          "redis.on('error', (error) => console.error('redis', error))",
        ),
      },
    ]
  },
  notes: [
    'A client is one connection that carries all commands at the same time: the size does not apply.',
    'Blocking commands (BLPOP, XREAD BLOCK) and subscriptions need a client of their own: redis.duplicate().',
  ],
}
