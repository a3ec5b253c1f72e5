import type { Sequelize } from 'sequelize'

/** The part of Sequelize that hands out raw connections; its types leave it out. */
export type Connections = {
  getConnection(): Promise<{ processID: number; threadId: number }>
  releaseConnection(connection: object): void
}

export function connectionsOf(db: Sequelize): Connections {
  return (db as unknown as { connectionManager: Connections }).connectionManager
}
