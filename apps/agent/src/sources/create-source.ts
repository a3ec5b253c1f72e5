import type { System } from '@poolscope/protocol'
import type { ServerTarget } from '../config/config.ts'
import { PostgresqlSource } from './postgresql.ts'
import type { Source } from './source.ts'
import type { SourceEnv } from './source-env.ts'

type Factory = (target: ServerTarget, env: SourceEnv) => Source

const FACTORIES: Partial<Record<System, Factory>> = {
  postgresql: (target, env) => new PostgresqlSource(target, env),
}

/** Systems that can be watched. */
export const SUPPORTED_SYSTEMS = Object.keys(FACTORIES) as System[]

/**
 * The source for a server.
 * @throws RangeError for a system that is not supported; the configuration refuses it before
 */
export function createSource(
  target: ServerTarget,
  env: Pick<SourceEnv, 'now' | 'random'> & Partial<SourceEnv>,
): Source {
  const factory = FACTORIES[target.system]
  if (factory === undefined) throw new RangeError(`${target.system} servers are not supported yet`)
  return factory(target, { elapsedMs: () => performance.now(), ...env })
}
