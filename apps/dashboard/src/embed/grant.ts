/**
 * The token of an embed link, out of the address: behind `#` it was sent to no server, and what stays in memory alone is
 * in no history and no copied link. Null where the link has none.
 */
export function takeGrant(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('t')
  if (token !== null) history.replaceState(null, '', location.pathname + location.search)
  return token
}
