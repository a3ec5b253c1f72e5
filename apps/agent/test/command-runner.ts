import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@poolscope/testkit'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** The built command in a process of its own. */
export class RunningCommand {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly #closed: Promise<number | null>

  /** @param env what it gets besides PATH and HOME */
  constructor(args: string[], env: Record<string, string> = {}) {
    const { PATH = '', HOME = '' } = process.env
    const state = mkdtempSync(join(tmpdir(), 'poolscope-test-'))
    this.child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH, HOME, XDG_STATE_HOME: state, ...env },
      detached: true,
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.#closed = new Promise((resolve) =>
      this.child.once('close', (code) => {
        rmSync(state, { recursive: true, force: true })
        resolve(code)
      }),
    )
  }

  /** Its exit code once it has ended and closed what it printed to. */
  async ended(): Promise<number | null> {
    return this.#closed
  }

  /** The URL that it printed, once it has. */
  async url(timeoutMs = 120_000): Promise<string> {
    let hasEnded = false
    void this.#closed.then(() => {
      hasEnded = true
    })
    return eventually(
      () => {
        if (hasEnded) return ''
        const url = /^Poolscope is at (\S+)/m.exec(this.stdout)?.[1]
        if (url === undefined) throw new Error(`no URL in: ${this.stdout}${this.stderr}`)
        return url
      },
      { timeoutMs },
    ).then((url) => {
      if (url === '') throw new Error(`it ended: ${this.stdout}${this.stderr}`)
      return url
    })
  }

  /** Ends it for good, if it still runs. */
  kill(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
  }

  /** Process ids of all that descends from it. Linux only; empty elsewhere. */
  descendants(): number[] {
    const parents = new Map<number, number>()
    for (const entry of process.platform === 'linux' ? readdirSync('/proc') : []) {
      if (!/^\d+$/.test(entry)) continue
      const parent = parentOf(Number(entry))
      if (parent !== null) parents.set(Number(entry), parent)
    }
    const found = [this.child.pid ?? -1]
    for (const pid of found) {
      for (const [child, parent] of parents) if (parent === pid) found.push(child)
    }
    return found.slice(1)
  }
}

/** True while a process runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function parentOf(pid: number): number | null {
  try {
    // The name stands in brackets and may hold anything; the state and the parent follow it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
    return Number(fields?.[1])
  } catch {
    return null
  }
}
