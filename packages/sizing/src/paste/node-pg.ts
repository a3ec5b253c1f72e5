import { checkModel, lines, type PasteModel, type Recipe, seconds } from './paste-model.ts'

/** The settings that `pg` and Prisma's adapter for it share. */
export function pgSettings(model: PasteModel): string[] {
  return [
    '  connectionString: process.env.DATABASE_URL,',
    `  max: ${model.max},`,
    `  min: ${model.min},`,
    `  connectionTimeoutMillis: ${model.acquireTimeoutMs},`,
    `  idleTimeoutMillis: ${model.idleTimeoutMs},`,
    `  maxLifetimeSeconds: ${seconds(model.maxLifetimeMs)},`,
    `  statement_timeout: ${model.statementTimeoutMs},`,
  ]
}

/** node-postgres. */
export const nodePg: Recipe = {
  id: 'pg',
  title: 'pg (Node.js)',
  write: (model) => [
    {
      file: 'db.js',
      language: 'js',
      text: lines(
        "import { Pool } from 'pg'",
        '',
        'export const pool = new Pool({',
        ...pgSettings(checkModel(model)),
        '})',
        '',
        '// Without a listener an idle connection that breaks ends the process.',
        "pool.on('error', (error) => console.error('idle connection lost', error))",
      ),
    },
  ],
  notes: [
    'connectionTimeoutMillis covers waiting for a free connection and opening one together.',
    'min keeps connections from being closed when idle; it opens none ahead of time. It needs pg 8.16.',
  ],
}
