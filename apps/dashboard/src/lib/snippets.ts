/**
 * The two lines that make a service measure its pool and report to this agent.
 * @param agentUrl where this page came from, such as `http://127.0.0.1:7077`
 */
export function probeSnippet(agentUrl: string, poolName = 'orders'): string {
  return [
    '// npm install @poolscope/probe',
    `// POOLSCOPE_URL=${agentUrl}`,
    "import { watch } from '@poolscope/probe/pg'",
    '',
    `const pool = watch(new Pool({ max: 20 }), { name: ${JSON.stringify(poolName)} })`,
  ].join('\n')
}

/** The command that watches a PostgreSQL server. */
export const SERVE_COMMAND = 'poolscope serve postgresql://user:password@db.example.com:5432/postgres'
