import { spawnSync } from 'node:child_process'
import { type PostgresVersion, postgresVersions } from '@poolscope/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODEL, runPasted, snippetsOf } from './pasted.ts'

/** A Python that has the libraries; the system's own first. */
function python(): string {
  for (const candidate of ['/usr/bin/python3', 'python3']) {
    const needs = 'import sqlalchemy, psycopg2, asyncpg, redis, requests'
    if (spawnSync(candidate, ['-c', needs]).status === 0) return candidate
  }
  throw new Error('No python3 has what the tests need; "npm test" says how to get it.')
}

describe('what is pasted for Python', () => {
  const [version] = postgresVersions()
  let server: Awaited<ReturnType<PostgresVersion['start']>>
  beforeAll(async () => {
    server = await version.start()
  })
  afterAll(() => server.stop())

  async function inPython(id: string, text: string, env: Record<string, string> = {}) {
    const { printed } = await runPasted(
      python(),
      // The machine may stand still for longer than it takes to connect.
      snippetsOf(id, { ...MODEL, connectTimeoutMs: 60_000 }),
      { file: 'main.py', text },
      { DATABASE_URL: server.url.replace(/^postgres(ql)?:/, 'postgresql:'), ...env },
    )
    return printed
  }

  it('lets callers of psycopg2 wait, up to 20 at once, each with a statement time-out', async () => {
    const printed = await inPython(
      'psycopg2',
      `
import json, time
from contextlib import ExitStack
from db import connection, pool
with connection() as conn:
    cursor = conn.cursor()
    cursor.execute("SHOW statement_timeout")
    timeout = cursor.fetchone()[0]
opened = len(pool._pool) + len(pool._used)
with ExitStack() as held:
    for _ in range(20):
        held.enter_context(connection())
    begin = time.monotonic()
    try:
        with connection():
            refused = False
    except TimeoutError:
        refused = True
    waited = time.monotonic() - begin
print(json.dumps([timeout, opened, refused, waited >= 2.4]))
`,
    )
    expect(printed).toEqual(['30s', 5, true, true])
  })

  it('is understood by SQLAlchemy', async () => {
    const printed = await inPython(
      'sqlalchemy',
      `
import json
from sqlalchemy import text
from db import engine
with engine.connect() as conn:
    timeout = conn.execute(text("SHOW statement_timeout")).scalar()
pool = engine.pool
print(json.dumps([timeout, pool.size(), pool._max_overflow, pool._timeout, pool._recycle, pool._pre_ping]))
`,
    )
    expect(printed).toEqual(['30s', 20, 0, 2.5, 3600, true])
  })

  it('is understood by asyncpg', async () => {
    const printed = await inPython(
      'asyncpg',
      `
import asyncio, json
from db import acquire, create_pool
async def main():
    pool = await create_pool()
    sizes = [pool.get_size(), pool.get_min_size(), pool.get_max_size()]
    held = []
    while len(held) < 20:
        try:
            held.append(await acquire(pool))
        except asyncio.TimeoutError:
            pass  # Connecting is within its time: a machine that stands still is no refusal.
    timeout = await held[0].fetchval("SHOW statement_timeout")
    try:
        await acquire(pool)
        refused = False
    except asyncio.TimeoutError:
        refused = True
    for conn in held:
        await pool.release(conn)
    await pool.close()
    print(json.dumps([timeout, sizes, refused]))
asyncio.run(main())
`,
    )
    expect(printed).toEqual(['30s', [5, 5, 20], true])
  })

  it('is understood by redis-py', async () => {
    const printed = await inPython(
      'redis-py',
      `
import json
from cache import client, pool
connection = pool.make_connection()
print(json.dumps([type(pool).__name__, pool.max_connections, pool.timeout, connection.socket_timeout,
    connection.socket_connect_timeout, connection.socket_keepalive, connection.health_check_interval,
    client.connection_pool is pool]))
`,
      { REDIS_URL: 'redis://127.0.0.1:9' },
    )
    expect(printed).toEqual(['BlockingConnectionPool', 20, 2.5, 30, 60, true, 30, true])
  })

  it('holds requests to 20 connections of a host', async () => {
    const printed = await inPython(
      'requests',
      `
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from http_session import adapter, get
begun, opened, answers = 0, 0, []
changed, gathered = threading.Condition(), threading.Event()
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def setup(self):
        global opened
        with changed:
            opened += 1
            changed.notify_all()
        super().setup()
    def do_GET(self):
        gathered.wait()
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
def call():
    global begun
    with changed:
        begun += 1
        changed.notify_all()
    answers.append(get(url).status_code)
threads = [threading.Thread(target=call) for _ in range(50)]
[thread.start() for thread in threads]
with changed:
    # Nobody is answered until all have begun and 20 connections are open; then a 21st has a moment to show.
    changed.wait_for(lambda: begun == 50 and opened >= 20, 20)
    changed.wait_for(lambda: opened > 20, 0.3)
gathered.set()
[thread.join() for thread in threads]
retries = adapter.max_retries
print(json.dumps([opened, answers.count(200), retries.total, retries.backoff_factor, sorted(retries.status_forcelist)]))
`,
    )
    expect(printed).toEqual([20, 50, 3, 1, [429, 500, 502, 503, 504]])
  })
})
