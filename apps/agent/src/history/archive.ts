import { copyFileSync, renameSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChunkStore } from './chunk-store.ts'
import { Database, FILE_NAME, HistoryError, historyError } from './database.ts'
import { recordedTiers, type Tier } from './tiers.ts'

/** A recording is never too large for itself. */
const NO_BUDGET = Number.MAX_SAFE_INTEGER

/** Copies a range into a new store in an empty directory: rows as they are kept, and documents. */
export function* copyRange(
  store: ChunkStore,
  dir: string,
  fromMs: number,
  toMs: number,
): Generator<void, void> {
  const tiers = recordedTiers(store.facts().tiers.map(({ stepMs }) => stepMs / 1000))
  const copy = new ChunkStore({ dir, tiers, budgetBytes: NO_BUDGET })
  try {
    const [fromSec, toSec] = [Math.floor(fromMs / 1000), Math.floor(toMs / 1000) + 1]
    for (const rows of store.reader.rows(fromSec, toSec)) {
      copy.put(rows)
      yield
    }
    for (const kind of store.records.kinds()) {
      for (const record of store.records.range(kind, fromMs, toMs, NO_BUDGET)) copy.records.put(kind, record)
      yield
    }
  } finally {
    copy.close()
  }
}

/** Writes a range of the store in a directory that no agent uses as one file. @throws HistoryError */
export function exportFile(
  store: ChunkStore,
  into: string,
  file: string,
  fromMs: number,
  toMs: number,
): void {
  for (const _ of copyRange(store, into, fromMs, toMs));
  moveFile(join(into, FILE_NAME), file)
}

/** Copies a recording to where a store can open it. @returns its tiers @throws HistoryError when it is none */
export async function unpackRecording(file: string, dir: string): Promise<Tier[]> {
  try {
    await copyFile(file, join(dir, FILE_NAME))
  } catch (error) {
    throw historyError(error)
  }
  return tiersIn(dir)
}

/** Opens what an agent that is stopped has kept, as it is. @throws HistoryError */
export function openStored(dir: string, mayBeBroken = false): ChunkStore {
  return new ChunkStore({ dir, tiers: tiersIn(dir), budgetBytes: NO_BUDGET, mayBeBroken })
}

function tiersIn(dir: string): Tier[] {
  const database = new Database(dir)
  const steps = database.prepare('SELECT step FROM tier ORDER BY step').all()
  database.close()
  return recordedTiers(steps.map(([step]) => step as number))
}

/** The time that a recording is of. @throws HistoryError when it is empty */
export function extentOf(dir: string, tiers: readonly Tier[]): { fromSec: number; toSec: number } {
  const store = new ChunkStore({ dir, tiers, budgetBytes: NO_BUDGET })
  const extent = store.reader.extent()
  store.close()
  if (extent === null) throw new HistoryError('not_ours', 'The recording is empty.')
  return extent
}

/** Puts all of a recording into a store, a little at a time. @returns how many steps had no tier there */
export function* importing(
  recording: ChunkStore,
  store: ChunkStore,
): Generator<void, { rows: number; skippedSteps: number[] }> {
  const skipped = new Set<number>()
  let rows = 0
  for (const one of recording.reader.rows(0, Number.MAX_SAFE_INTEGER)) {
    if (store.put(one)) rows += one.block.times.length
    else skipped.add(one.stepSec)
    yield
  }
  for (const kind of recording.records.kinds()) {
    for (const record of recording.records.range(kind, 0, Number.MAX_SAFE_INTEGER, NO_BUDGET)) {
      store.records.put(kind, record)
    }
    yield
  }
  return { rows, skippedSteps: [...skipped] }
}

/** All of it at once. */
export function importAll(recording: ChunkStore, store: ChunkStore) {
  const work = importing(recording, store)
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw historyError(error)
    copyFileSync(from, to)
  }
}
