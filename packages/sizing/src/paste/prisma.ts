import { pgSettings } from './node-pg.ts'
import { checkModel, lines, type Recipe, seconds } from './paste-model.ts'

/** Prisma 7 and later, whose pool is that of the driver. */
export const prismaAdapter: Recipe = {
  id: 'prisma',
  title: 'Prisma 7 (driver adapter)',
  write: (model) => [
    {
      file: 'adapter.js',
      language: 'js',
      text: lines(
        "import { PrismaPg } from '@prisma/adapter-pg'",
        '',
        'export const adapter = new PrismaPg({',
        ...pgSettings(checkModel(model)),
        '})',
      ),
    },
    {
      file: 'prisma.js',
      language: 'js',
      text: lines(
        "import { adapter } from './adapter.js'",
        "import { PrismaClient } from './generated/prisma/client.js'",
        '',
        '// One client for each process: a development server that reloads would open a pool each time.',
        'export const prisma = globalThis.prisma ?? new PrismaClient({ adapter })',
        "if (process.env.NODE_ENV !== 'production') globalThis.prisma = prisma",
      ),
    },
  ],
  notes: [
    'The adapter hands its settings to pg. connection_limit and pool_timeout in the URL are of Prisma 6 and earlier and do nothing here.',
    'The path of the generated client is the output of your schema.',
  ],
}

/** Prisma 6 and earlier, whose engine has a pool of its own. */
export const prismaUrl: Recipe = {
  id: 'prisma-url',
  title: 'Prisma 6 and earlier (URL)',
  write: (model) => {
    const { max, acquireTimeoutMs, connectTimeoutMs } = checkModel(model)
    const query = `connection_limit=${max}&pool_timeout=${seconds(acquireTimeoutMs)}&connect_timeout=${seconds(connectTimeoutMs)}`
    return [
      {
        file: '.env',
        language: 'env',
        text: lines(`DATABASE_URL="postgresql://user:password@db.example.com:5432/app?${query}"`),
      },
    ]
  },
  notes: [
    'Times are seconds; 0 would wait for ever. There is neither a min nor an idle time-out.',
    'Behind PgBouncer in transaction mode before 1.21 add pgbouncer=true.',
  ],
}
