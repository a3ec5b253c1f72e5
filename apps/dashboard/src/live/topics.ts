import type { GroupMessage, ServerMessage } from '@poolscope/protocol'

type Detail = GroupMessage | ServerMessage

/** What somebody wants to hear in detail, `group:<id>` or `server:<id>`, what was heard of it, and what of that is shown. */
export class Topics {
  readonly #users = new Map<string, number>()
  readonly #heard = new Map<string, Detail>()
  #shown = new Map<string, Detail>()

  get names(): string[] {
    return [...this.#users.keys()]
  }

  has(topic: string): boolean {
    return this.#users.has(topic)
  }

  add(topic: string): void {
    this.#users.set(topic, (this.#users.get(topic) ?? 0) + 1)
  }

  /** With its last user, what was heard of a topic goes too. */
  remove(topic: string): void {
    const users = (this.#users.get(topic) ?? 1) - 1
    if (users > 0) {
      this.#users.set(topic, users)
      return
    }
    this.#users.delete(topic)
    this.#heard.delete(topic)
    this.#shown.delete(topic)
  }

  hear(topic: string, message: Detail): void {
    this.#heard.set(topic, message)
  }

  /** The newest shown message of a topic; undefined before the first. */
  shown(topic: string): Detail | undefined {
    return this.#shown.get(topic)
  }

  showAll(): void {
    this.#shown = new Map(this.#heard)
  }

  /** Shows the topics that have shown nothing yet. @returns whether there were any */
  showFirst(): boolean {
    const fresh = [...this.#heard].filter(([topic]) => !this.#shown.has(topic))
    for (const [topic, message] of fresh) this.#shown.set(topic, message)
    return fresh.length > 0
  }
}
