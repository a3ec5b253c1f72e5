import type { PoolWindow } from '@poolscope/protocol'
import { Histogram } from './histogram.ts'

/** What happened in one pool over one stretch of time. */
export class Window {
  checkouts = 0
  timeouts = 0
  errors = 0
  created = 0
  destroyed = 0
  inUsePeak = 0
  waitingPeak = 0
  readonly wait = new Histogram()
  readonly hold = new Histogram()
  readonly create = new Histogram()
  /** Looks at held connections, by what was found. */
  readonly looks = { busy: 0, idle: 0 }

  /** Begins anew; the peaks begin at what is true now. */
  reset(inUse: number, waiting: number): void {
    this.checkouts = 0
    this.timeouts = 0
    this.errors = 0
    this.created = 0
    this.destroyed = 0
    this.inUsePeak = inUse
    this.waitingPeak = waiting
    this.wait.reset()
    this.hold.reset()
    this.create.reset()
    this.looks.busy = 0
    this.looks.idle = 0
  }

  toReport(): PoolWindow {
    return {
      checkouts: this.checkouts,
      timeouts: this.timeouts,
      errors: this.errors,
      created: this.created,
      destroyed: this.destroyed,
      inUsePeak: this.inUsePeak,
      waitingPeak: this.waitingPeak,
      wait: this.wait.toSparse(),
      hold: this.hold.toSparse(),
      create: this.create.toSparse(),
      looks: { ...this.looks },
    }
  }
}
