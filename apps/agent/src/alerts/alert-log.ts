import type { Alert } from '@poolscope/protocol'

/** Alerts that are over. */
export type AlertLog = {
  /** Adds one; returns at once. */
  append(alert: Alert): void
  /** The last ones, newest first. */
  recent(limit: number): Alert[]
  /** One by its id; undefined when it is not kept. */
  find(id: string): Alert | undefined
  /** Resolves when everything is written. */
  close(): Promise<void>
}

/** Alerts that are kept. */
export const LOG_LENGTH = 1000

/** A log that ends with the process. */
export class MemoryLog implements AlertLog {
  /** Oldest first. */
  #alerts: Alert[]

  constructor(alerts: readonly Alert[] = []) {
    this.#alerts = alerts.slice(-LOG_LENGTH)
  }

  append(alert: Alert): void {
    this.#alerts.push(alert)
    if (this.#alerts.length > LOG_LENGTH) this.#alerts.shift()
  }

  recent(limit: number): Alert[] {
    return this.#alerts.slice(-limit).reverse()
  }

  find(id: string): Alert | undefined {
    return this.#alerts.findLast((alert) => alert.id === id)
  }

  async close(): Promise<void> {}
}
