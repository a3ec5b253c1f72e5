// A Prometheus server of this machine, fed by remote write; Debian's package `prometheus`.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The kernel counts CPU time in hundredths of a second. */
const KERNEL_TICK_MS = 10

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Starts one in an empty directory; null where there is none on this machine. */
export async function startPrometheus(dir) {
  const port = await freePort()
  const config = join(dir, 'prometheus.yml')
  writeFileSync(config, 'global: {}\n')
  const child = spawn(
    process.env.PROMETHEUS ?? 'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--web.enable-admin-api',
      '--query.max-samples=500000000',
    ],
    { stdio: 'ignore' },
  )
  const failed = new Promise((resolve) => child.once('error', () => resolve(true)))
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; i < 100; i++) {
    if (await Promise.race([failed, sleep(200)])) return null
    const ready = await fetch(`${url}/-/ready`).catch(() => null)
    if (ready?.ok) return new Prometheus(child, url, join(dir, 'data'))
  }
  child.kill('SIGKILL')
  throw new Error('prometheus did not become ready')
}

class Prometheus {
  constructor(child, url, dataDir) {
    this.child = child
    this.url = url
    this.dataDir = dataDir
  }

  cpuMs() {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * KERNEL_TICK_MS
  }

  async write(body) {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    }
    const answer = await fetch(`${this.url}/api/v1/write`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`remote write: ${answer.status} ${await answer.text()}`)
  }

  async range(query, fromSec, toSec, stepSec) {
    const params = new URLSearchParams({ query, start: fromSec, end: toSec, step: stepSec })
    const answer = await fetch(`${this.url}/api/v1/query_range?${params}`)
    const { status, data, error } = await answer.json()
    if (status !== 'success') throw new Error(error)
    return data.result
  }

  /** Size of everything as finished blocks, the form that is smallest. */
  async blockBytes() {
    const answer = await fetch(`${this.url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' })
    const { data } = await answer.json()
    return bytesOf(join(this.dataDir, 'snapshots', data.name))
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGTERM')
    await ended
  }
}

export function bytesOf(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.size
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
}

/** Builds remote write requests: protobuf in a snappy frame of literals, which every reader takes. */
export function writeRequests(series) {
  const labels = series.flatMap(({ id, columns }) =>
    columns.map((column) => Buffer.concat([label('__name__', column), label('pool', id)])),
  )
  return (ticks) => {
    const times = ticks.map(({ atMs }) => varint(atMs))
    const timeBytes = times[0].length
    // A tag and a length, a tagged double, a tagged time.
    const sampleBytes = 2 + 9 + 1 + timeBytes
    const body = Buffer.alloc(labels.length * (ticks.length * sampleBytes + 200))
    let at = 0
    for (const [index, own] of labels.entries()) {
      const known = ticks.reduce((sum, { values }) => sum + (Number.isNaN(values[index]) ? 0 : 1), 0)
      if (known === 0) continue
      body[at++] = 10
      at += varint(own.length + known * sampleBytes).copy(body, at)
      at += own.copy(body, at)
      for (const [i, { values }] of ticks.entries()) {
        if (Number.isNaN(values[index])) continue
        body[at] = 18
        body[at + 1] = sampleBytes - 2
        body[at + 2] = 9
        body.writeDoubleLE(values[index], at + 3)
        body[at + 11] = 16
        times[i].copy(body, at + 12)
        at += sampleBytes
      }
    }
    return literals(body.subarray(0, at))
  }
}

function varint(value) {
  const bytes = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}
const field = (number, body) => Buffer.concat([varint(number * 8 + 2), varint(body.length), body])
const label = (name, value) =>
  field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]))
function literals(body) {
  const parts = [varint(body.length)]
  for (let at = 0; at < body.length; at += 65_536) {
    const part = body.subarray(at, at + 65_536)
    const head = Buffer.alloc(3)
    head[0] = 61 << 2
    head.writeUInt16LE(part.length - 1, 1)
    parts.push(head, part)
  }
  return Buffer.concat(parts)
}
