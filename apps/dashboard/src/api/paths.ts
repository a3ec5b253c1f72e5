const part = encodeURIComponent

/** One pool group and its instances. */
export function groupPath(id: string): string {
  return `/api/v1/groups/${part(id)}`
}

/** The last minutes of a pool group. */
export function groupHistoryPath(id: string): string {
  return `${groupPath(id)}/history`
}

/** Every checkout of a pool group's last hour: large, so a worker asks for it. */
export function tracePath(groupId: string): string {
  return `${groupPath(groupId)}/trace.bin`
}
