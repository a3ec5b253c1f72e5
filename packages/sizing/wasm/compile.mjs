import { readFile } from 'node:fs/promises'
import asc from 'assemblyscript/asc'

/** The replay's engine as WebAssembly, in hexadecimal digits, which are compressed best. @throws Error when it cannot be compiled */
export async function compiledEngine() {
  let bytes = new Uint8Array()
  const { error, stderr } = await asc.main(
    [
      'index.ts',
      '-o',
      'index.wasm',
      '-O3',
      '--converge',
      '--runtime',
      'stub',
      '--noAssert',
      '--enable',
      'simd',
    ],
    {
      readFile: (name) => readFile(new URL(name, import.meta.url), 'utf8').catch(() => null),
      writeFile: (name, content) => {
        if (name === 'index.wasm') bytes = content
      },
      listFiles: () => [],
    },
  )
  if (error !== null) throw new Error(String(stderr), { cause: error })
  return Buffer.from(bytes).toString('hex')
}
