import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** A path inside the checkout. */
export const at = (...parts) => join(ROOT, ...parts)

/** A step failed after saying why. */
export class StepError extends Error {}

const running = new Set()

/** Ends what is running now, so that a signal leaves nothing behind. */
export function stopChildren(signal) {
  for (const child of running) child.kill(signal)
}

/**
 * Runs a program to its end and answers its exit code.
 * @param options.quiet keeps its output and answers it, for showing it on failure only
 */
export function run(command, args, { cwd = ROOT, env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      // Windows starts npx only by its shell.
      shell: process.platform === 'win32' && command === 'npx',
    })
    running.add(child)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.on('error', (error) => {
      running.delete(child)
      reject(new StepError(`${command} could not be started (${error.code ?? error.message}).`))
    })
    child.on('close', (code) => {
      running.delete(child)
      resolve({ code: code ?? 1, output })
    })
  })
}

/** Runs a package's own program by this Node, so that neither a shell nor npx stands between. */
export const runBin = (script, args, options) => run(process.execPath, [at(script), ...args], options)

/** Prints one step with the time it took; `work` throws {@link StepError} when it fails. */
export async function step(title, work) {
  const startMs = Date.now()
  console.log(`${title} …`)
  const result = await work()
  console.log(`${title}: done in ${((Date.now() - startMs) / 1000).toFixed(1)} s`)
  return result
}

/** Runs quietly; shows the output and throws {@link StepError} when it fails. */
export async function mustRun(what, ...args) {
  const { code, output } = await runBin(...args)
  if (code === 0) return
  console.error(output.trimEnd())
  throw new StepError(`${what} failed.`)
}

/** Every package.json of the workspace, relative to its root. */
export function manifests() {
  const packages = ['apps', 'packages'].flatMap((folder) =>
    readdirSync(at(folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name)),
  )
  return ['.', ...packages, 'e2e']
    .map((folder) => join(folder, 'package.json'))
    .filter((file) => existsSync(at(file)))
}

/** One hash over the names and contents of files, and over anything else that matters. */
export function fingerprint(files, ...more) {
  const hash = createHash('sha256')
  for (const file of files) {
    if (!existsSync(at(file))) continue
    hash
      .update(`${file}\0`)
      .update(readFileSync(at(file)))
      .update('\0')
  }
  return hash.update(JSON.stringify(more)).digest('hex')
}

/** True when the stamp file holds exactly this fingerprint. */
export function isStamped(stampFile, print) {
  return existsSync(at(stampFile)) && readFileSync(at(stampFile), 'utf8') === print
}

/** Writes a stamp. Called last, so that what was broken off is done again. */
export function stamp(stampFile, print) {
  mkdirSync(dirname(at(stampFile)), { recursive: true })
  writeFileSync(at(stampFile), print)
}
