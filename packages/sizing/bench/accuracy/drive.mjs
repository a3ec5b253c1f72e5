import pg from 'pg'

/** How long a caller of these pools waits before it gives up, ms. */
export const ACQUIRE_TIMEOUT_MS = 4000

/**
 * Drives a real pool of one size with the callers, and answers what each checkout lived through, as a trace. Arrival is
 * the moment at which the pool was really asked, so a late timer of this process is not counted as a wait.
 */
export async function drive(url, size, callers, windowMs) {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    idleTimeoutMillis: 0,
  })
  try {
    const warm = await Promise.all(Array.from({ length: size }, () => pool.connect()))
    for (const client of warm) client.release()
    // Only now: opening all at once on a busy machine may take longer than a caller would wait.
    pool.options.connectionTimeoutMillis = ACQUIRE_TIMEOUT_MS
    const rows = []
    const startMs = performance.now() + 50
    const now = () => performance.now() - startMs
    await Promise.all(callers.map((caller) => live(pool, caller, now, windowMs, rows)))
    return traceOf(rows)
  } finally {
    await pool.end()
  }
}

async function live(pool, { atMs, caller, steps }, now, windowMs, rows) {
  await until(atMs, now)
  for (const [index, { gapMs, sql }] of steps.entries()) {
    if (index > 0) await until(now() + gapMs, now)
    const arrival = Math.max(0, now())
    if (arrival > windowMs) return
    const row = { arrival, wait: 0, hold: Number.NaN, caller }
    rows.push(row)
    let client
    try {
      client = await pool.connect()
    } catch (error) {
      if (!/timeout exceeded/.test(String(error))) throw error
      row.wait = now() - arrival
      continue
    }
    const got = now()
    row.wait = got - arrival
    await client.query(sql)
    row.hold = now() - got
    client.release()
  }
}

function until(ms, now) {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms - now()))
  })
}

function traceOf(rows) {
  rows.sort((a, b) => a.arrival - b.arrival)
  const column = (key) => Float64Array.from(rows, (row) => row[key])
  return {
    arrivalMs: column('arrival'),
    waitMs: column('wait'),
    holdMs: column('hold'),
    caller: Uint32Array.from(rows, (row) => row.caller),
    inFlight: [],
    windowMs: (rows.at(-1)?.arrival ?? 0) + 1,
  }
}
