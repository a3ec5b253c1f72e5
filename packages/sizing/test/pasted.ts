import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PASTE_DEFAULTS, type PasteModel, RECIPES, type Snippet } from '../src/index.ts'

/** The pool that the tests paste. */
export const MODEL: PasteModel = {
  ...PASTE_DEFAULTS,
  max: 20,
  min: 5,
  total: 40,
  instances: 2,
  acquireTimeoutMs: 2500,
}

/** What is to be pasted for a library. */
export function snippetsOf(id: string, model: PasteModel = MODEL): Snippet[] {
  const recipe = RECIPES.find((one) => one.id === id)
  if (recipe === undefined) throw new RangeError(`no recipe ${id}`)
  return recipe.write(model)
}

/** The text of one file of a library. */
export function textOf(id: string, file: string): string {
  const snippet = snippetsOf(id).find((one) => one.file === file)
  if (snippet === undefined) throw new RangeError(`no ${file} of ${id}`)
  return snippet.text
}

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))

/**
 * Runs a program in a folder of its own that holds the pasted files, as a user would have them.
 * @param program names the pasted files as modules; prints one line of JSON
 * @returns what it printed as JSON, and all that it said on stderr
 */
export async function runPasted(
  command: string,
  snippets: readonly Snippet[],
  program: { file: string; text: string },
  env: Record<string, string> = {},
): Promise<{ printed: unknown; stderr: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'poolscope-pasted-'))
  try {
    symlinkSync(MODULES, join(dir, 'node_modules'))
    writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
    for (const { file, text } of [...snippets, program]) writeFileSync(join(dir, basename(file)), text)
    return await run(command, dir, program.file, env)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function run(command: string, cwd: string, file: string, env: Record<string, string>) {
  const { PATH = '' } = process.env
  const child = spawn(command, [file], {
    cwd,
    env: { PATH, PYTHONDONTWRITEBYTECODE: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 90_000,
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise<{ printed: unknown; stderr: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code !== 0) reject(new Error(`it ended with ${code}: ${stderr}`))
      else resolve({ printed: JSON.parse(stdout), stderr })
    })
  })
}
