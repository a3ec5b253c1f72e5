import type { Annotation } from '@poolscope/protocol'
import { groupIdOfPool } from '../lib/href.ts'
import type { SeriesSource } from '../live/live-store.ts'

/** The letter and the word of each kind. */
export const ANNOTATION_KINDS: Readonly<Record<Annotation['kind'], { letter: string; word: string }>> = {
  deploy: { letter: 'D', word: 'Deploy' },
  probe_restart: { letter: 'R', word: 'Probe restart' },
  server_restart: { letter: 'S', word: 'Server restart' },
  config_change: { letter: 'C', word: 'Configuration' },
  alert: { letter: 'A', word: 'Alert' },
}

/** Whom a chart is about. */
export type AnnotationSubject = {
  /** The services that it shows, or whose connections it shows. */
  services: readonly string[]
  /** A pool group's id, or the id of one of its pools; null for a server. */
  poolId: string | null
  /** The server, or the one that the pool leads to; null when not known. */
  serverId: string | null
}

/** What happened at about one place of the time axis. */
export type AnnotationMark = { atMs: number; letter: string; annotations: readonly Annotation[] }

/** Marks nearer than this would cover each other, px. */
const APART_PX = 26

/** Whether something belongs to a subject: named by it, by what it runs on, or by nothing, which is everybody. */
export function concerns(annotation: Annotation, subject: AnnotationSubject): boolean {
  const { service, poolId, serverId } = annotation
  if (poolId !== null) {
    return (
      subject.poolId !== null &&
      (poolId === subject.poolId ||
        groupIdOfPool(poolId) === subject.poolId ||
        groupIdOfPool(subject.poolId) === poolId)
    )
  }
  if (service !== null) return subject.services.includes(service)
  if (serverId !== null) return serverId === subject.serverId
  return true
}

/**
 * Gathers annotations into marks that do not cover each other.
 * @param annotations oldest first
 * @param pxPerMs scale of the time axis
 */
export function marksOf(annotations: readonly Annotation[], pxPerMs: number): AnnotationMark[] {
  const marks: { atMs: number; annotations: Annotation[] }[] = []
  for (const annotation of annotations) {
    const last = marks.at(-1)
    if (last !== undefined && (annotation.atMs - last.atMs) * pxPerMs < APART_PX) {
      last.annotations.push(annotation)
    } else marks.push({ atMs: annotation.atMs, annotations: [annotation] })
  }
  return marks.map((mark) => {
    const kinds = new Set(mark.annotations.map(({ kind }) => kind))
    const [kind] = kinds
    const alone = kinds.size === 1 && kind !== undefined
    return { ...mark, letter: alone ? ANNOTATION_KINDS[kind].letter : String(mark.annotations.length) }
  })
}

/** Whom a source of series is about, by what the fleet says of it now. */
export function subjectOf(
  { kind, id }: SeriesSource,
  groups: readonly { id: string; service: string; serverId: string | null }[],
): AnnotationSubject {
  if (kind === 'server') {
    const using = groups.filter(({ serverId }) => serverId === id)
    return { services: [...new Set(using.map(({ service }) => service))], poolId: null, serverId: id }
  }
  const groupId = kind === 'pool' ? groupIdOfPool(id) : id
  const group = groups.find((candidate) => candidate.id === groupId)
  return {
    services: group === undefined ? [] : [group.service],
    poolId: id,
    serverId: group?.serverId ?? null,
  }
}
