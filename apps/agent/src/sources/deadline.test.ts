import { randomFill } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { within } from './deadline.ts'
import { DeadlineError } from './failure.ts'

/** Answered by another thread, and seen by this one when it looks. */
const answered = () =>
  new Promise<string>((resolve, reject) =>
    randomFill(new Uint8Array(16), (error) => (error === null ? resolve('an answer') : reject(error))),
  )

function standStill(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

describe(within, () => {
  it('takes an answer that came while this process stood still', async () => {
    let gaveUp = 0
    const waiting = within(20, answered(), () => gaveUp++)
    standStill(300)
    expect(await waiting).toBe('an answer')
    expect(gaveUp).toBe(0)
  })

  it('gives up on an answer that does not come, once', async () => {
    let gaveUp = 0
    const never = new Promise(() => {})
    await expect(within(5, never, () => gaveUp++)).rejects.toThrow(DeadlineError)
    expect(gaveUp).toBe(1)
  })

  it('hands on how the work fails', async () => {
    await expect(within(60_000, Promise.reject(new TypeError('broken')))).rejects.toThrow('broken')
  })
})
