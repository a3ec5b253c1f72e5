import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RunAs } from './run-as.ts'

const LOG_LINES = 20
const LAST_WORDS_MS = 1000

/** A program that runs in the background. */
export type Child = {
  readonly pid: number
  /** Resolves with the exit code or the signal's name. */
  readonly exited: Promise<number | string>
  /** The last lines it printed to standard error. */
  lastLines(): string
  /** Sends one signal after the other, as long as it has not ended; resolves when it has. */
  end(endings: readonly Ending[]): Promise<void>
}

/** A signal, and the time that it has to take effect, ms. */
export type Ending = readonly [signal: NodeJS.Signals, waitMs: number]

/**
 * Starts a program in a process group of its own, so that Ctrl-C in a terminal reaches only the one who started it.
 * @throws Error when it cannot be started
 */
export async function startChild(
  program: string,
  args: readonly string[],
  user: RunAs | null,
): Promise<Child> {
  const child = spawn(program, args, { ...user, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  const lines: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.split('\n').filter((line) => line !== ''))
    lines.splice(0, lines.length - LOG_LINES)
  })
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      const end = () => resolve(code ?? signal ?? -1)
      // What it printed last is read after its end; a process that it left behind may keep its output open.
      child.once('close', end)
      setTimeout(end, LAST_WORDS_MS).unref()
    })
  })
  await started(child)
  return {
    pid: child.pid as number,
    exited,
    lastLines: () => lines.join('\n'),
    end: async (endings) => {
      for (const [signal, waitMs] of endings) {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill(signal)
        await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, waitMs).unref())])
      }
      await exited
    },
  }
}

/**
 * Runs a program to its end.
 * @param dir removed, with an end of the program, when this process dies meanwhile
 * @throws Error with what it printed, when it fails
 */
export async function runToEnd(
  program: string,
  args: readonly string[],
  user: RunAs | null,
  dir: string,
): Promise<void> {
  const child = await startChild(program, args, user)
  const callOffGuard = endWithParent(child.pid, dir)
  const code = await child.exited
  callOffGuard()
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${child.lastLines()}`)
}

/**
 * Ends a process and removes a folder when this process dies without doing so itself: a shell that waits for the
 * end of a pipe, which the system closes whatever happened.
 * @returns a function that calls it off
 */
export function endWithParent(pid: number, dir: string): () => void {
  if (process.platform === 'win32') return () => {}
  const script =
    'cat >/dev/null; kill -INT "$1" 2>/dev/null; ' +
    'while kill -0 "$1" 2>/dev/null; do sleep 0.1; done; rm -rf -- "$2"'
  const guard = spawn('sh', ['-c', script, 'guard', String(pid), dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.on('error', () => {})
  guard.stdin?.on('error', () => {})
  guard.unref()
  return () => guard.kill('SIGKILL')
}

async function started(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) {
    const [error] = await once(child, 'error')
    throw error
  }
  child.on('error', () => {})
}
