import { readFileSync } from 'node:fs'
import { type PoolReport, PROTOCOL_VERSION, REPORT_LIMITS, ReportSchema } from '@poolscope/protocol'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { PoolMeter } from './meter.ts'
import { BODY_LIMITS, PROBE, PROTOCOL, reportOf, writeReport } from './report.ts'
import { POOL_LIMITS } from './slots.ts'

const validate = new Ajv({ strict: false }).compile(ReportSchema)
const envelope = { service: 's', instance: 'i', startedAtMs: 0, sequence: 1, windowMs: 1000, droppedTotal: 0 }

/** A pool with this many connections in use. */
function pool(name: string, inUse: number): { report: PoolReport; cut: number } {
  const target = { host: 'db', port: 5432, database: 'shop', user: 'shop' }
  const view = { max: inUse, min: 0, acquireTimeoutMs: null, idleTimeoutMs: null, idle: 0, target }
  const meter = new PoolMeter(
    name,
    { system: 'postgresql', view: () => view, sessionPid: () => 4_000_000 },
    0,
  )
  for (let i = 0; i < inUse; i++) meter.served(meter.asked(null), meter.adopt({}, false))
  const collected = meter.collect()
  if (collected === null) throw new Error('no report')
  return collected
}

describe('the probe’s copies of the protocol’s numbers', () => {
  it('are the protocol’s', () => {
    expect(PROTOCOL).toBe(PROTOCOL_VERSION)
    expect(BODY_LIMITS).toEqual({ pools: REPORT_LIMITS.pools, bytes: REPORT_LIMITS.bodyBytes })
    expect(POOL_LIMITS).toEqual({ holders: REPORT_LIMITS.holders, sessionPids: REPORT_LIMITS.sessionPids })
  })

  it('carry the version of this package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(PROBE).toBe(`node/${manifest.version}`)
  })
})

describe(writeReport, () => {
  it('reports at most 100 holders and 1000 sessions of a pool, and counts the holders it leaves out', () => {
    const { report, cut } = pool('wide', 1500)
    expect([report.holders.length, report.sessionPids.length, report.inUse, cut]).toEqual([
      100, 1000, 1500, 1400,
    ])
    const { json } = writeReport(reportOf(envelope, [report]))
    expect(validate(JSON.parse(json))).toBe(true)
  })

  it('keeps what fits as it is', () => {
    const { json, cut } = writeReport(reportOf(envelope, [pool('a', 3).report]))
    expect(cut).toBe(0)
    expect(JSON.parse(json).pools[0].holders.length).toBe(3)
  })

  it('cuts what is too large to the bound, holders first, and says how much', () => {
    const pools = Array.from({ length: 200 }, (_, i) => {
      const { report } = pool(`pool ${i}`, 120)
      for (const holder of report.holders) holder.stack = Array(16).fill('f'.repeat(100))
      return report
    })
    const { json, cut } = writeReport(reportOf(envelope, pools))
    const written = JSON.parse(json)
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(REPORT_LIMITS.bodyBytes)
    expect(written.pools.length).toBe(200)
    expect(cut).toBe(200 * 100 - written.pools.length * written.pools[0].holders.length)
    expect(validate(written)).toBe(true)
  })

  it('leaves out pools when nothing else helps', () => {
    const { report } = pool('huge', 1)
    const pools = Array.from({ length: 20 }, () => ({ ...report, name: 'n'.repeat(120_000) }))
    const { json, cut } = writeReport(reportOf(envelope, pools))
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(REPORT_LIMITS.bodyBytes)
    expect(cut).toBeGreaterThanOrEqual(20 - JSON.parse(json).pools.length)
  })
})
