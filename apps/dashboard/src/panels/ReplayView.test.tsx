import { replay, type Trace } from '@poolscope/sizing'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ReplayState, replayReducer } from '../lib/use-replay.ts'
import { ReplayView } from './ReplayView.tsx'

afterEach(cleanup)

const pool = { size: 6, acquireTimeoutMs: 1000, idleTimeoutMs: null, min: 6, connectMs: 10 }
const BEGUN: ReplayState = {
  phase: 'running',
  found: { poolId: 'p', windows: 12 },
  unread: null,
  stage: 'recent',
  ratio: 0,
  recorded: null,
  prediction: null,
  error: null,
}

/** Four callers at once every tenth of a second, 20 ms each. */
function predicted() {
  const arrivalMs = Float64Array.from({ length: 2400 }, (_, i) => Math.floor(i / 4) * 100)
  const trace: Trace = {
    arrivalMs,
    waitMs: new Float64Array(2400),
    holdMs: new Float64Array(2400).fill(20),
    caller: new Uint32Array(2400),
    inFlight: [],
    windowMs: 60_000,
  }
  return replay(trace, pool)
}

function shown(state: ReplayState, instances = 1) {
  const on = { cancel: vi.fn(), again: vi.fn(), tried: vi.fn() }
  render(
    <ReplayView
      state={state}
      pool={pool}
      connectAssumed={true}
      instances={instances}
      onCancel={on.cancel}
      onAgain={on.again}
      onTry={on.tried}
    />,
  )
  return on
}

describe(ReplayView, () => {
  it('says how far it is, and can be cancelled', () => {
    const on = shown({ ...BEGUN, stage: 'whole', ratio: 0.42 })
    expect(screen.getByText(/^Replaying … 42/)).toBeTruthy()
    expect(screen.queryByRole('status')).toBeNull()
    fireEvent.click(screen.getByRole('button', { name: 'Cancel' }))
    expect(on.cancel).toHaveBeenCalledOnce()
  })

  it('shows the size, its evidence and its reasons', () => {
    const recorded = { windowMs: 60_000, checkouts: 2400, callersKnown: false }
    const on = shown({ ...BEGUN, phase: 'done', recorded, prediction: predicted() }, 3)
    expect(screen.getByRole('status').textContent).toMatch(/^Set max to 4 in each instance/)
    const evidence = screen.getByRole('list', { name: 'Evidence' }).textContent
    expect(evidence).toMatch(/2.400 checkouts in 1.min/)
    expect(evidence).toContain('request ids not known')
    expect(evidence).toMatch(/contention/)
    expect(evidence).toContain('no stalls seen')
    expect(screen.getByRole('list', { name: 'Reasons' }).textContent).toContain('With 3 it would be')
    expect(screen.getByText(/one of 3 instances.*10\.0.ms \(assumed\) to open/)).toBeTruthy()
    fireEvent.click(screen.getByRole('button', { name: 'Try a max of 4' }))
    expect(on.tried).toHaveBeenCalledWith(4)
    fireEvent.click(screen.getByRole('button', { name: 'Replay again' }))
    expect(on.again).toHaveBeenCalledOnce()
  })

  it('says how often everything stood still', () => {
    const stalls = { count: 3, longestMs: 900, totalMs: 2100, askedRatio: 0.2, askingRatio: 1 }
    shown({ ...BEGUN, phase: 'done', prediction: { ...predicted(), stalls } })
    expect(screen.getByRole('list', { name: 'Evidence' }).textContent).toMatch(/3 stalls, 2\.1.s in all/)
  })

  it('keeps what was finished when it is cancelled', () => {
    const running = { ...BEGUN, prediction: predicted() }
    shown(replayReducer(running, { kind: 'cancel' }))
    expect(screen.getByText('Cancelled: this is the last finished part.')).toBeTruthy()
    expect(screen.getByRole('status').textContent).toMatch(/^Set max to 4/)
  })

  it('says why it failed', () => {
    shown(replayReducer(BEGUN, { kind: 'failed', message: 'the trace is cut off' }))
    expect(screen.getByRole('alert').textContent).toBe(
      'The traffic could not be replayed: the trace is cut off.',
    )
  })
})
