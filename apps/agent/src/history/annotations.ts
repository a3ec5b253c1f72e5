import { randomUUID } from 'node:crypto'
import type { Annotation, AnnotationQuery, NewAnnotation } from '@poolscope/protocol'
import type { HistoryStore } from './history-store.ts'

const KIND = 'annotation'
/** What is shown unless a range is named. */
const DEFAULT_RANGE_MS = 86_400_000

/** What happened at a moment: deploys that were posted, and what the agent noticed. */
export class Annotations {
  readonly #store: HistoryStore
  readonly #now: () => number

  constructor(store: HistoryStore, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /** Keeps a deploy. @throws HistoryError when it cannot be kept */
  async add({ text, atMs, service, tags }: NewAnnotation): Promise<Annotation> {
    const annotation: Annotation = {
      id: randomUUID(),
      atMs: Math.round(atMs ?? this.#now()),
      kind: 'deploy',
      text,
      service: service ?? null,
      poolId: null,
      serverId: null,
      tags: tags ?? [],
    }
    await this.put(annotation)
    return annotation
  }

  /** Keeps an annotation, once for each id. @throws HistoryError when it cannot be kept */
  put(annotation: Annotation): Promise<void> {
    return this.#store.putRecord(KIND, annotation.id, annotation.atMs, JSON.stringify(annotation))
  }

  /** Those of a range, oldest first. @throws HistoryError when they cannot be read */
  async list({ fromMs, toMs, ...subjects }: AnnotationQuery): Promise<Annotation[]> {
    const untilMs = toMs ?? this.#now()
    const records = await this.#store.records(KIND, fromMs ?? untilMs - DEFAULT_RANGE_MS, untilMs)
    return records
      .map(({ json }) => JSON.parse(json) as Annotation)
      .filter((annotation) => concerns(annotation, subjects))
  }
}

/** Whether it is about one of the subjects, or about none in particular; without subjects, always. */
function concerns(
  annotation: Annotation,
  { service, poolId, serverId }: Omit<AnnotationQuery, 'fromMs' | 'toMs'>,
): boolean {
  if (service === undefined && poolId === undefined && serverId === undefined) return true
  if (annotation.service === null && annotation.poolId === null && annotation.serverId === null) return true
  return (
    (poolId !== undefined && annotation.poolId === poolId) ||
    (serverId !== undefined && annotation.serverId === serverId) ||
    // What is about one pool of a service is not about all of it.
    (service !== undefined && annotation.service === service && annotation.poolId === null)
  )
}
