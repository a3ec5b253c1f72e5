import { describe, expect, it } from 'vitest'
import { untilLoaded } from './lazy-part.ts'

describe(untilLoaded, () => {
  it('asks again until the part comes', async () => {
    let asked = 0
    const load = async () => {
      asked += 1
      if (asked < 4) throw new TypeError('Failed to fetch')
      return 'part'
    }
    expect(await untilLoaded(load, 1)).toBe('part')
    expect(asked).toBe(4)
  })

  it('gives up in the end', async () => {
    const load = () => Promise.reject(new TypeError('Failed to fetch'))
    await expect(untilLoaded(load, 1, 3)).rejects.toThrow('Failed to fetch')
  })
})
