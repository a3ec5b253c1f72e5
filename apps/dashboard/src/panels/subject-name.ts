import type { FleetView } from '../live/hooks.ts'

/** What people call a pool group or server; its id where it is not there any more. */
export function nameOfSubject(fleet: FleetView, id: string): string {
  const group = fleet.groups[fleet.indexOf(id)]
  if (group !== undefined) return `${group.service} / ${group.name}`
  return fleet.server(id)?.name ?? id
}
