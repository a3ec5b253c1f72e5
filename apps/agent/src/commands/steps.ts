import type { Terminal } from './command.ts'

/** The person stopped it before it was up. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

/** Things to be done in turn, each said before and timed after, and to be undone in the opposite order. */
export class Steps {
  readonly #terminal: Terminal
  readonly #signal: AbortSignal
  readonly #undo: (() => Promise<unknown>)[] = []

  constructor(terminal: Terminal, signal: AbortSignal) {
    this.#terminal = terminal
    this.#signal = signal
  }

  /**
   * Does one step.
   * @param undo takes back what it made; called by {@link undo}
   * @throws StoppedError when the signal came before or meanwhile; what was made is still undone
   */
  async run<Made>(
    title: string,
    make: () => Promise<Made>,
    undo?: (made: Made) => Promise<unknown>,
  ): Promise<Made> {
    if (this.#signal.aborted) throw new StoppedError()
    this.#terminal.print(`${title} …`)
    const startMs = performance.now()
    const made = await make()
    if (undo !== undefined) this.#undo.push(() => undo(made))
    if (this.#signal.aborted) throw new StoppedError()
    this.#terminal.print(`  done in ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
    return made
  }

  /** Takes back everything, last first; one that fails does not keep the others. @throws the first failure */
  async undo(): Promise<void> {
    const failures: unknown[] = []
    for (const undo of this.#undo.splice(0).toReversed()) {
      await undo().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
}
