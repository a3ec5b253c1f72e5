import { describe, expect, it } from 'vitest'
import { ENGINE_WASM } from '../src/replay/engine-wasm.ts'

const compiler = new URL('../wasm/compile.mjs', import.meta.url).href

describe('engine-wasm.ts', () => {
  it('is what its sources are compiled to', async () => {
    const { compiledEngine } = (await import(compiler)) as { compiledEngine(): Promise<string> }
    expect(await compiledEngine()).toBe(ENGINE_WASM)
  })
})
