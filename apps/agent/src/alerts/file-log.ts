import { existsSync, readFileSync } from 'node:fs'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import type { Alert } from '@poolscope/protocol'
import { type AlertLog, LOG_LENGTH, MemoryLog } from './alert-log.ts'

/** A log in a file, one alert a line. A line that was cut off by a crash is left out. */
export class FileLog implements AlertLog {
  readonly #path: string
  readonly #onError: (error: unknown) => void
  readonly #memory: MemoryLog
  #lines: number
  #writing: Promise<void> = Promise.resolve()

  /** @param onError is told that a line could not be written, as on a full disk; the log goes on in memory */
  constructor(path: string, onError: (error: unknown) => void) {
    this.#path = path
    this.#onError = onError
    const alerts = existsSync(path) ? readFileSync(path, 'utf8').split('\n').flatMap(parsed) : []
    this.#memory = new MemoryLog(alerts)
    this.#lines = alerts.length
  }

  append(alert: Alert): void {
    this.#memory.append(alert)
    this.#lines += 1
    const rewrite = this.#lines > LOG_LENGTH * 2
    if (rewrite) this.#lines = LOG_LENGTH
    const text = (rewrite ? this.#memory.recent(LOG_LENGTH).reverse() : [alert])
      .map((one) => `${JSON.stringify(one)}\n`)
      .join('')
    this.#writing = this.#writing
      .then(() => (rewrite ? this.#replace(text) : appendFile(this.#path, text)))
      .catch(this.#onError)
  }

  recent(limit: number): Alert[] {
    return this.#memory.recent(limit)
  }

  find(id: string): Alert | undefined {
    return this.#memory.find(id)
  }

  async close(): Promise<void> {
    await this.#writing
  }

  async #replace(text: string): Promise<void> {
    await writeFile(`${this.#path}.new`, text)
    await rename(`${this.#path}.new`, this.#path)
  }
}

function parsed(line: string): Alert[] {
  try {
    const value: unknown = JSON.parse(line)
    const whole = typeof value === 'object' && value !== null && 'id' in value && 'rule' in value
    return whole ? [value as Alert] : []
  } catch {
    return []
  }
}
