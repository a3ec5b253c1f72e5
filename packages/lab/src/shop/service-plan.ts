import type { Application } from './schema.ts'

/** One process of the shop. */
export type ServicePlan = {
  application: Application
  /** Tells the processes of one application apart. */
  instance: string
  /** Connection string of the application's own role. Secret. */
  databaseUrl: string
}

/** What a process is told when it starts. */
export type ServiceOrder = ServicePlan & {
  agentUrl: string
  token: string | null
  dayMs: number
  /** Multiplies every rate; 1 is a few hundred queries a second at the busiest. */
  rate: number
  /** When the shop opened, epoch ms: all processes follow one rhythm. */
  openedAtMs: number
}
