// Compiles the sources beside it into the file that has them as text; a test holds the two together.
import { readFile, writeFile } from 'node:fs/promises'
import { compiledEngine } from './compile.mjs'

const to = new URL('../src/replay/engine-wasm.ts', import.meta.url)
const before = await readFile(to, 'utf8')
const engine = await compiledEngine()
await writeFile(to, before.replace(/'[^']*'/, `'${engine}'`))
