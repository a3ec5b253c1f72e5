// One variant and one call shape in a process of its own: prints the nanoseconds of its fastest round.
import { createRequire } from 'node:module'

const [variant, shape] = process.argv.slice(2)
const OPERATIONS = 20_000
const ROUNDS = 15
const require = createRequire(import.meta.url)

/** OpenTelemetry's instrumentation patches `pg` when it is loaded, so it comes first. */
async function openTelemetry(withSdk) {
  const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg')
  const instrumentation = new PgInstrumentation()
  if (withSdk) {
    const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base')
    const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')
    const { MeterProvider, PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics')
    const done = (_batch, callback) => callback({ code: 0 })
    const nothing = { export: done, shutdown: async () => {}, forceFlush: async () => {} }
    const tracers = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(nothing)] })
    tracers.register()
    instrumentation.setTracerProvider(tracers)
    const reader = new PeriodicExportingMetricReader({ exporter: nothing, exportIntervalMillis: 1000 })
    instrumentation.setMeterProvider(new MeterProvider({ readers: [reader] }))
  }
  return instrumentation
}

const instrumentation = variant.startsWith('otel') ? await openTelemetry(variant === 'otel-batch') : null
const { Pool, Client } = require('pg')
instrumentation?.disable()
const RESULT = { rows: [], rowCount: 0 }
/** A client that opens and answers at once, in this process. The pool above it is the real one. */
Client.prototype.connect = function connect(callback) {
  callback(null)
}
Client.prototype.query = function query(_text, _values, callback) {
  ;(callback ?? _values)(null, RESULT)
}
Client.prototype.end = function end(callback) {
  callback?.()
}
Client.prototype.ref = () => {}
Client.prototype.unref = () => {}
instrumentation?.enable()

const pool = new Pool({ max: 4, idleTimeoutMillis: 0 })
if (variant.startsWith('probe')) {
  const { watch } = await import('../dist/pg/index.js')
  // Port 9 answers nobody: what remains is the cost of measuring.
  watch(pool, { url: 'http://127.0.0.1:9', name: 'bench', stackEvery: variant === 'probe-stacks' ? 64 : 0 })
}

const shapes = {
  async query() {
    for (let i = 0; i < OPERATIONS; i++) await pool.query('SELECT 1')
  },
  async promise() {
    for (let i = 0; i < OPERATIONS; i++) {
      const client = await pool.connect()
      client.release()
    }
  },
  callback() {
    return new Promise((resolve) => {
      let left = OPERATIONS
      const next = () =>
        pool.connect((_error, _client, release) => {
          release()
          if (--left === 0) resolve()
          else next()
        })
      next()
    })
  },
}

let best = Number.POSITIVE_INFINITY
for (let round = 0; round < ROUNDS; round++) {
  const start = process.hrtime.bigint()
  await shapes[shape]()
  const ns = Number(process.hrtime.bigint() - start) / OPERATIONS
  if (ns < best) best = ns
  await new Promise((resolve) => setImmediate(resolve))
}
console.log(best)
process.exit(0)
