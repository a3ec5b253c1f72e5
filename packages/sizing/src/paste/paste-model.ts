import { type Bounds, checkNumber } from '../check-number.ts'

/** A pool as every library's settings are written from. */
export type PasteModel = {
  /** Most connections of one instance. */
  max: number
  /** Connections that it keeps open. */
  min: number
  /** Connections of all instances together: what a pooler in between opens. */
  total: number
  instances: number
  /** How long a caller waits for a connection before it gives up, ms. */
  acquireTimeoutMs: number
  /** How long opening a connection may take, ms. */
  connectTimeoutMs: number
  /** After this long without use a connection is closed, ms. */
  idleTimeoutMs: number
  /** After this long a connection is replaced, ms. */
  maxLifetimeMs: number
  /** After this long a statement or request is ended, ms. */
  statementTimeoutMs: number
}

/** Values for what a size says nothing of. Shorter time-outs fail sooner, longer ones let callers pile up. */
export const PASTE_DEFAULTS = {
  acquireTimeoutMs: 5000,
  connectTimeoutMs: 5000,
  idleTimeoutMs: 30_000,
  maxLifetimeMs: 3_600_000,
  statementTimeoutMs: 30_000,
} as const

/** A text in a file of its own. */
export type Snippet = {
  file: string
  language: 'js' | 'python' | 'go' | 'php' | 'java' | 'ini' | 'yaml' | 'env'
  text: string
}

/** How one library is set. */
export type Recipe = {
  id: string
  /** The library by its own name. */
  title: string
  /** @throws TypeError or RangeError for a model that cannot be */
  write: (model: PasteModel) => Snippet[]
  /** What the library cannot do, and what its words mean. */
  notes: readonly string[]
}

const COUNT = { min: 1, max: 1_000_000, unit: 'connections', whole: true } as const satisfies Bounds
const TIME = { min: 1, max: 86_400_000, unit: 'ms', whole: true } as const satisfies Bounds

/**
 * Gives the model back when a pool can be set to it.
 * @throws TypeError or RangeError that names number, range and value
 */
export function checkModel(model: PasteModel): PasteModel {
  checkNumber('max', model.max, COUNT)
  checkNumber('min', model.min, { ...COUNT, min: 0, max: model.max })
  checkNumber('total', model.total, { ...COUNT, min: model.max })
  checkNumber('instances', model.instances, { min: 1, max: 100_000, whole: true })
  checkNumber('acquireTimeoutMs', model.acquireTimeoutMs, TIME)
  checkNumber('connectTimeoutMs', model.connectTimeoutMs, TIME)
  checkNumber('idleTimeoutMs', model.idleTimeoutMs, TIME)
  checkNumber('maxLifetimeMs', model.maxLifetimeMs, TIME)
  checkNumber('statementTimeoutMs', model.statementTimeoutMs, TIME)
  return model
}

/** Whole seconds, and at least one: for libraries to which zero means never. */
export function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

/** Lines as a text that ends with one line feed. */
export function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
