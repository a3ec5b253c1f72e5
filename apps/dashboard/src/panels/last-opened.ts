/** The row that was opened last, so that coming back finds the place again. Lives as long as the window. */
export const lastOpened = {
  groupId: null as string | null,
  /** Set by the page that was opened when its reader goes back. */
  returning: false,
  /** The row to focus, once; null when the reader came another way. */
  take(): string | null {
    const id = lastOpened.returning ? lastOpened.groupId : null
    lastOpened.returning = false
    return id
  },
}
