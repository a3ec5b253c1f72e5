import { afterEach, describe, expect, it, vi } from 'vitest'
import { watchSight } from './sight.ts'

/** The observer of the browser, as a test moves the window. */
class FakeObserver {
  static last: FakeObserver | undefined
  readonly #tell: (entries: { isIntersecting: boolean }[]) => void
  disconnected = false

  constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
    this.#tell = tell
    FakeObserver.last = this
  }

  observe(): void {}

  disconnect(): void {
    this.disconnected = true
  }

  move(isIntersecting: boolean): void {
    this.#tell([{ isIntersecting }])
  }
}

describe('watchSight', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('leaves drawings out while nobody sees them, and makes up for them on return', () => {
    vi.stubGlobal('IntersectionObserver', FakeObserver)
    const onReturn = vi.fn()
    const sight = watchSight(document.body, onReturn)
    expect(sight.allows()).toBe(true)
    FakeObserver.last?.move(false)
    FakeObserver.last?.move(true)
    expect(onReturn).not.toHaveBeenCalled()
    FakeObserver.last?.move(false)
    expect(sight.allows()).toBe(false)
    FakeObserver.last?.move(true)
    expect(onReturn).toHaveBeenCalledTimes(1)
    expect(sight.allows()).toBe(true)
    sight.stop()
    expect(FakeObserver.last?.disconnected).toBe(true)
  })
})
