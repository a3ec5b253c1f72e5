/** A worker for tests: it does nothing, and remembers what it was told. */
export class FakeWorker extends EventTarget {
  /** All that were made since the list was emptied. */
  static readonly made: FakeWorker[] = []
  readonly told: unknown[] = []
  ended = false

  constructor() {
    super()
    FakeWorker.made.push(this)
  }

  postMessage(message: unknown): void {
    this.told.push(message)
  }

  terminate(): void {
    this.ended = true
  }
}
