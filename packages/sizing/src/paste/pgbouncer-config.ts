import { checkModel, lines, type PasteModel, type Recipe, seconds } from './paste-model.ts'

/** Compose puts the variable in, and refuses to start without it. */
const PASSWORD = `\${DB_PASSWORD:?}`

/** Clients that may connect: all instances twice over, so that a roll-out fits, and room for people. */
function clientsOf({ max, instances }: PasteModel): number {
  return Math.max(100, 2 * max * instances)
}

/** More for each pair of database and user, when a client has waited long. */
function reserveOf({ total }: PasteModel): number {
  return Math.ceil(total / 4)
}

/** PgBouncer's own file. */
export const pgbouncerIni: Recipe = {
  id: 'pgbouncer',
  title: 'PgBouncer (ini)',
  write: (model) => {
    const { total, min, instances, acquireTimeoutMs, connectTimeoutMs, maxLifetimeMs } = checkModel(model)
    return [
      {
        file: 'pgbouncer.ini',
        language: 'ini',
        text: lines(
          '[databases]',
          'app = host=db.example.com port=5432 dbname=app',
          '',
          '[pgbouncer]',
          'listen_addr = 127.0.0.1',
          'listen_port = 6432',
          'auth_type = scram-sha-256',
          'auth_file = /etc/pgbouncer/userlist.txt',
          'pool_mode = transaction',
          `default_pool_size = ${total}`,
          `min_pool_size = ${Math.min(total, min * instances)}`,
          `reserve_pool_size = ${reserveOf(model)}`,
          'reserve_pool_timeout = 3',
          `max_db_connections = ${total + reserveOf(model)}`,
          `max_client_conn = ${clientsOf(model)}`,
          `server_connect_timeout = ${seconds(connectTimeoutMs)}`,
          'server_idle_timeout = 600',
          `server_lifetime = ${seconds(maxLifetimeMs)}`,
          'client_idle_timeout = 0',
          'query_timeout = 0',
          `query_wait_timeout = ${seconds(acquireTimeoutMs)}`,
          '; From PgBouncer 1.21 on; the default from 1.24 on:',
          '; max_prepared_statements = 200',
        ),
      },
    ]
  },
  notes: [
    'default_pool_size is for each pair of database and user. Applications keep their own max, and connect to port 6432.',
    'max_client_conn needs as many open files: raise LimitNOFILE above it.',
    'In transaction mode session settings, LISTEN, advisory locks of a session and temporary tables do not work.',
  ],
}

/** PgBouncer in a container, between PostgreSQL and an application. */
export const pgbouncerCompose: Recipe = {
  id: 'pgbouncer-compose',
  title: 'PgBouncer (compose)',
  write: (model) => {
    const { total } = checkModel(model)
    return [
      {
        file: 'compose.yaml',
        language: 'yaml',
        text: lines(
          'services:',
          '  postgres:',
          '    image: postgres:17',
          '    environment:',
          '      POSTGRES_DB: app',
          '      POSTGRES_USER: app',
          `      POSTGRES_PASSWORD: ${PASSWORD}`,
          '    volumes:',
          '      - postgres-data:/var/lib/postgresql/data',
          '',
          '  pgbouncer:',
          '    image: edoburu/pgbouncer',
          '    environment:',
          `      DATABASE_URL: postgres://app:${PASSWORD}@postgres:5432/app`,
          '      AUTH_TYPE: scram-sha-256',
          '      POOL_MODE: transaction',
          `      DEFAULT_POOL_SIZE: "${total}"`,
          `      RESERVE_POOL_SIZE: "${reserveOf(model)}"`,
          `      MAX_CLIENT_CONN: "${clientsOf(model)}"`,
          '    ports:',
          '      - "127.0.0.1:6432:5432"',
          '    depends_on:',
          '      - postgres',
          '',
          '  api:',
          '    build: .',
          '    environment:',
          `      DATABASE_URL: postgres://app:${PASSWORD}@pgbouncer:5432/app`,
          '    depends_on:',
          '      - pgbouncer',
          '',
          'volumes:',
          '  postgres-data:',
        ),
      },
    ]
  },
  notes: [
    'The image writes its pgbouncer.ini from these variables; inside the network it listens on 5432.',
    'DB_PASSWORD comes from the environment or a .env file. It stands in URLs, of which the image decodes nothing: use letters and digits.',
  ],
}
