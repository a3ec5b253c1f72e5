/** The page of a pool group; narrowed to one instance where its pool id is given. */
export function groupHref(groupId: string, poolId = ''): string {
  const page = `/pools/${encodeURIComponent(groupId)}`
  return poolId === '' ? page : `${page}?instance=${encodeURIComponent(poolId)}`
}

/** The group that a pool belongs to: a pool's id is its group's id, a dot, and its instance. */
export function groupIdOfPool(poolId: string): string {
  return poolId.slice(0, Math.max(0, poolId.lastIndexOf('.')))
}

/** The page of a watched server. */
export function serverHref(serverId: string): string {
  return `/servers/${encodeURIComponent(serverId)}`
}

/** The page of a pool group with the form that changes the limit of its running instances. */
export function turnHref(groupId: string, max: number): string {
  return `${groupHref(groupId)}?max=${max}`
}

/** The calculator, with what is measured of a pool group filled in. */
export function sizeHref(groupId: string): string {
  return `/size?pool=${encodeURIComponent(groupId)}`
}
