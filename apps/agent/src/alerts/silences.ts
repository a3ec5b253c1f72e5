import { randomUUID } from 'node:crypto'
import type { Silence, SilenceRequest } from '@poolscope/protocol'

/** Most silences at once; an agent that is asked for more is asked by mistake. */
const MOST_SILENCES = 500

/** A rule on a subject. */
export type Named = { rule: string; subject: string }

/** An alert that may have been called otherwise before its cause was known. */
export type Called = { firedMs: number; names: readonly Named[] }

/** What people want to hear nothing of for a while. */
export class Silences {
  #list: Silence[]

  constructor(saved: readonly Silence[] = []) {
    this.#list = [...saved]
  }

  /** Those in force, those that end soonest first. */
  list(nowMs: number): Silence[] {
    this.#list = this.#list.filter(({ untilMs }) => untilMs > nowMs)
    return this.#list.toSorted((a, b) => a.untilMs - b.untilMs)
  }

  /** Adds one. @returns null when it is over already, or there are too many */
  add({ rule, subject, comment, untilMs }: SilenceRequest, nowMs: number): Silence | null {
    if (untilMs <= nowMs || this.list(nowMs).length >= MOST_SILENCES) return null
    const silence: Silence = {
      id: randomUUID(),
      rule: rule ?? null,
      subject: subject ?? null,
      comment,
      createdMs: nowMs,
      untilMs,
    }
    this.#list.push(silence)
    return silence
  }

  /** Ends one. @returns false when there is none of that id */
  remove(id: string): boolean {
    const before = this.#list.length
    this.#list = this.#list.filter((silence) => silence.id !== id)
    return this.#list.length < before
  }

  /** The silence that covers a rule on a subject, the longest of them; null when none does. */
  of({ rule, subject }: Named, nowMs: number, alert: Called | null = null): Silence | null {
    const matches = this.list(nowMs).filter((silence) => {
      if (silence.subject !== null && silence.subject !== subject) return false
      return silence.rule === null || silence.rule === rule || (alert !== null && wasMadeFor(silence, alert))
    })
    return matches.at(-1) ?? null
  }
}

/** Who silences what fires means this alert, also when its cause is found later; what begins later is another one. */
function wasMadeFor({ rule, subject, createdMs }: Silence, { firedMs, names }: Called): boolean {
  return createdMs >= firedMs && names.some((name) => name.rule === rule && name.subject === subject)
}
