import { checkModel, lines, type Recipe } from './paste-model.ts'

/** Callers that may queue for each connection: more than this wait longer than anybody wants to. */
const QUEUE_PER_CONNECTION = 10

/** mysql2, for MySQL and MariaDB. */
export const mysql2: Recipe = {
  id: 'mysql2',
  title: 'mysql2 (Node.js)',
  write: (model) => {
    const { max, min, idleTimeoutMs, connectTimeoutMs } = checkModel(model)
    return [
      {
        file: 'db.js',
        language: 'js',
        text: lines(
          "import mysql from 'mysql2/promise'",
          '',
          'export const pool = mysql.createPool({',
          '  uri: process.env.DATABASE_URL,',
          `  connectionLimit: ${max},`,
          `  maxIdle: ${min},`,
          `  idleTimeout: ${idleTimeoutMs},`,
          '  waitForConnections: true,',
          `  queueLimit: ${max * QUEUE_PER_CONNECTION},`,
          `  connectTimeout: ${connectTimeoutMs},`,
          '  enableKeepAlive: true,',
          '  keepAliveInitialDelay: 0,',
          '})',
        ),
      },
    ]
  },
  notes: [
    'There is no time-out for waiting: acquireTimeout belongs to the older mysql package and is ignored. A bounded queue refuses callers instead; 0 would let them queue without end.',
    'maxIdle is how many stay open when idle. Nothing is opened ahead of time.',
  ],
}
