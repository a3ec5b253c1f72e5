import type { Condition } from './condition.ts'
import { areRelated } from './subject.ts'

/** A cause and all that follows from it. */
export type Cluster = { root: Condition; members: Condition[] }

/**
 * Puts conditions that fire together by cause: each symptom goes with the first of its explanations that
 * also fires, and so on up to what nothing explains.
 */
export function byCause(firing: readonly Condition[]): Cluster[] {
  const clusters = new Map<Condition, Condition[]>()
  for (const condition of firing) {
    const root = rootOf(condition, firing)
    const members = clusters.get(root)
    if (members === undefined) clusters.set(root, [condition])
    else members.push(condition)
  }
  return [...clusters].map(([root, members]) => ({ root, members }))
}

/** The rules have no circle, so that this ends. */
function rootOf(condition: Condition, firing: readonly Condition[]): Condition {
  for (const cause of condition.rule.symptomOf) {
    const found = firing.find(
      ({ rule, subject }) => rule.id === cause && areRelated(subject, condition.subject),
    )
    if (found !== undefined) return rootOf(found, firing)
  }
  return condition
}
