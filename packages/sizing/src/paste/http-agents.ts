import { checkModel, lines, type Recipe } from './paste-model.ts'

/** Agents of Node's own HTTP client, which axios takes too, and of undici, which is behind fetch. */
export const httpAgents: Recipe = {
  id: 'http',
  title: 'HTTP agents (Node.js)',
  write: (model) => {
    const { max, connectTimeoutMs, idleTimeoutMs, statementTimeoutMs } = checkModel(model)
    return [
      {
        file: 'agents.js',
        language: 'js',
        text: lines(
          "import http from 'node:http'",
          "import https from 'node:https'",
          '',
          'const options = {',
          '  keepAlive: true,',
          `  maxSockets: ${max},`,
          `  maxFreeSockets: ${max},`,
          `  timeout: ${statementTimeoutMs},`,
          '}',
          'export const httpAgent = new http.Agent(options)',
          'export const httpsAgent = new https.Agent(options)',
          `// axios.create({ httpAgent, httpsAgent, timeout: ${statementTimeoutMs} })`,
        ),
      },
      {
        file: 'fetch.js',
        language: 'js',
        text: lines(
          "import { Agent, setGlobalDispatcher } from 'undici'",
          '',
          'export const dispatcher = new Agent({',
          `  connections: ${max},`,
          `  keepAliveTimeout: ${idleTimeoutMs},`,
          `  headersTimeout: ${statementTimeoutMs},`,
          `  bodyTimeout: ${statementTimeoutMs},`,
          `  connect: { timeout: ${connectTimeoutMs} },`,
          '})',
          'setGlobalDispatcher(dispatcher)',
        ),
      },
    ]
  },
  notes: [
    'Both limits are of each origin; maxTotalSockets limits all of them.',
    'http.Agent has no keepAliveTimeout: that is a setting of servers. Its timeout is that of a silent socket.',
    'Callers wait without a time-out of their own; give each request a signal: AbortSignal.timeout(ms).',
  ],
}
