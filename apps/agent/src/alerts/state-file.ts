import { existsSync, readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'

/**
 * JSON that outlives the agent. Writing never holds anything up: only the newest state is written, and a crash
 * leaves the state before it.
 */
export class StateFile<State> {
  readonly #path: string | null
  readonly #onError: (error: unknown) => void
  #next: State | null = null
  #writing: Promise<void> | null = null

  /** @param path null keeps nothing */
  constructor(path: string | null, onError: (error: unknown) => void) {
    this.#path = path
    this.#onError = onError
  }

  /** What was last written; null when there is nothing, or it is not JSON. */
  read(): State | null {
    if (this.#path === null || !existsSync(this.#path)) return null
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8')) as State
    } catch (error) {
      this.#onError(error)
      return null
    }
  }

  /** Writes a state soon; states that come meanwhile replace each other. */
  write(state: State): void {
    if (this.#path === null) return
    this.#next = state
    this.#writing ??= this.#drain(this.#path)
  }

  /** Resolves when the newest state is written, or could not be. */
  async close(): Promise<void> {
    await this.#writing
  }

  async #drain(path: string): Promise<void> {
    while (this.#next !== null) {
      const text = JSON.stringify(this.#next)
      this.#next = null
      try {
        await writeFile(`${path}.new`, text, { mode: 0o600 })
        await rename(`${path}.new`, path)
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#writing = null
  }
}
