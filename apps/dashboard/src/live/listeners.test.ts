import { afterEach, describe, expect, it, vi } from 'vitest'
import { Listeners } from './listeners.ts'

describe('Listeners', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('calls all that were added until they are removed, the same function as often as it was added', () => {
    const listeners = new Listeners()
    const heard = vi.fn()
    const remove = listeners.add(heard)
    listeners.add(heard)
    listeners.call()
    expect(heard).toHaveBeenCalledTimes(2)
    remove()
    listeners.call()
    expect(heard).toHaveBeenCalledTimes(3)
  })
  it('leaves one that is added during a call to the next', () => {
    const listeners = new Listeners()
    const late = vi.fn()
    listeners.add(() => void listeners.add(late))
    listeners.call()
    expect(late).not.toHaveBeenCalled()
    listeners.call()
    expect(late).toHaveBeenCalledTimes(1)
  })
  it('reports one that throws, and calls the others', () => {
    const report = vi.fn()
    vi.stubGlobal('reportError', report)
    const listeners = new Listeners()
    const fault = new Error('a drawing that fails')
    const heard = vi.fn()
    listeners.add(() => {
      throw fault
    })
    listeners.add(heard)
    listeners.call()
    listeners.call()
    expect(heard).toHaveBeenCalledTimes(2)
    expect(report.mock.calls).toEqual([[fault], [fault]])
  })
})
