import type { Command } from './command.ts'

/** A command as the list of all shows it. */
export type ListedCommand = {
  /** One line. */
  summary: string
  /** What it is made of is loaded when it is wanted: drivers and servers take a second that a question for help need not wait. */
  load: () => Promise<Command>
}

/** The commands of `poolscope`, in the order of its help. */
export const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  demo: {
    summary: 'run a small shop on a real PostgreSQL, and watch it',
    load: async () => (await import('./demo.ts')).demo,
  },
  serve: {
    summary: 'watch servers, and take in what probes report',
    load: async () => (await import('./serve.ts')).serve,
  },
  check: {
    summary: 'say what may be read of each server, and the GRANT that is missing',
    load: async () => (await import('./check.ts')).check,
  },
  size: {
    summary: 'compute a pool size from cores, waits and limits',
    load: async () => (await import('./size.ts')).size,
  },
  budget: {
    summary: 'hold what all pools may open against what each server can take',
    load: async () => (await import('./budget.ts')).budget,
  },
  alerts: {
    summary: 'say which alerts would have fired over what was recorded',
    load: async () => (await import('./alerts.ts')).alerts,
  },
  export: {
    summary: 'write a range of the history to a file',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  import: {
    summary: 'put an exported range into a history',
    load: async () => (await import('./import.ts')).importCommand,
  },
}
