/** Where the fleet was left, so that coming back finds the place again. Lives as long as the window. */
export const lastOpened = {
  groupId: null as string | null,
  /** The fleet's address with its search, filter and order. */
  fleetHref: '/fleet',
  /** Set by the page that was opened when its reader goes back. */
  returning: false,
  /** The row to focus, once; null when the reader came another way. */
  take(): string | null {
    const id = lastOpened.returning ? lastOpened.groupId : null
    lastOpened.returning = false
    return id
  },
}
