import { createHash } from 'node:crypto'

const SLUG_LENGTH = 40

function slug(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, SLUG_LENGTH)
  return plain === '' ? 'x' : plain
}

/** JSON keeps the parts apart, so that ("a", "b-c") and ("a-b", "c") get different ids. */
function digest(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8)
}

/**
 * The id of a pool group: readable, safe in a URL, the same after a restart of the agent, so that a
 * bookmark holds.
 * @param scope the server's id for observed pools, which exist per server; null for probes
 * @example groupIdOf('checkout', 'orders', 'postgresql', null) // 'checkout.orders-' and eight hex digits
 */
export function groupIdOf(service: string, name: string, system: string, scope: string | null): string {
  return `${slug(service)}.${slug(name)}-${digest([service, name, system, scope])}`
}

/** The id of one pool: its group's id and its instance. */
export function poolIdOf(groupId: string, instance: string): string {
  return `${groupId}.${slug(instance)}-${digest([instance])}`
}
