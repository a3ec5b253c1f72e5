import type { PoolReport, Report } from '@poolscope/protocol'

/** Version of the probe, a test holds it to package.json. */
export const PROBE = 'node/0.1.0'
/** Version of the report that this probe writes, see the protocol's `PROTOCOL_VERSION`; a test holds them together. */
export const PROTOCOL = 1
/** Bounds of a report, see the protocol's `REPORT_LIMITS`; a test holds the two together. */
export const BODY_LIMITS = { pools: 200, bytes: 1 << 20 } as const

/** Holders that each pool keeps, from step to step, until the report fits. */
const HOLDERS_KEPT = [50, 20, 5, 0]

/**
 * Writes a report as JSON of at most {@link BODY_LIMITS}.bytes.
 * What does not fit is left out, the least telling first: traces, short holds, session ids, then whole pools.
 * @returns the JSON and how many holders and pools were left out
 */
export function writeReport(report: Report): { json: string; cut: number } {
  let json = JSON.stringify(report)
  let cut = 0
  if (!fits(json)) {
    for (const pool of report.pools) pool.trace = null
    json = JSON.stringify(report)
  }
  for (const keep of HOLDERS_KEPT) {
    if (fits(json)) return { json, cut }
    for (const pool of report.pools) cut += pool.holders.splice(keep).length
    json = JSON.stringify(report)
  }
  if (!fits(json)) {
    for (const pool of report.pools) pool.sessionPids = []
    json = JSON.stringify(report)
  }
  while (!fits(json) && report.pools.length > 1) {
    cut += report.pools.splice(report.pools.length >> 1).length
    json = JSON.stringify(report)
  }
  return { json, cut }
}

function fits(json: string): boolean {
  // A character takes at most three bytes; counting them is only worth it near the limit.
  return json.length * 3 <= BODY_LIMITS.bytes || Buffer.byteLength(json) <= BODY_LIMITS.bytes
}

/** Everything of a report but the pools. */
export type Envelope = Omit<Report, 'protocol' | 'probe' | 'pools'>

export function reportOf(envelope: Envelope, pools: PoolReport[]): Report {
  return { protocol: PROTOCOL, probe: PROBE, ...envelope, pools }
}
