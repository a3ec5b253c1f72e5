import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Alert, BlackBox, BlackBoxMoment } from '@poolscope/protocol'
import type { Fleet } from '../fleet/fleet.ts'

const compress = promisify(gzip)
const SUFFIX = '.json.gz'
/** So long after an alert fires its minutes are frozen; the fleet's own ring reaches five minutes back from there. */
const AFTER_MS = 120_000
/** Most files; the oldest make room. */
const MOST_FILES = 100
/** Most bytes of all files. */
const MOST_BYTES = 50 * 1024 * 1024
/** Groups and servers whose rows are kept, those that the alert is about first. */
const MOST_SERIES = 40

/** What black boxes need from outside. */
export type BlackBoxOptions = {
  fleet: Pick<Fleet, 'snapshot' | 'holders' | 'sessions' | 'statements' | 'history'>
  /** Folder of the files; null keeps none. */
  dir: string | null
  onError: (error: unknown) => void
}

type Open = { alert: Alert; fired: BlackBoxMoment; untilMs: number }

/** The minutes around each alert, one file an alert, bounded in count and bytes. */
export class BlackBoxes {
  readonly #options: BlackBoxOptions
  readonly #dir: string | null
  #open = new Map<string, Open>()
  #known: Set<string>
  #writing: Promise<void> = Promise.resolve()

  constructor(options: BlackBoxOptions) {
    this.#options = options
    this.#dir = options.dir === null ? null : join(options.dir, 'blackbox')
    if (this.#dir !== null) mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    this.#known = new Set(this.#dir === null ? [] : this.#files(this.#dir).map(({ id }) => id))
  }

  /** Whether the minutes around an alert can be had. */
  has(id: string): boolean {
    return this.#known.has(id)
  }

  /** An alert fires: what is true now is kept, and written with what follows. */
  begin(alert: Alert, nowMs: number): void {
    if (this.#dir === null) return
    this.#open.set(alert.id, { alert, fired: this.#moment(alert), untilMs: nowMs + AFTER_MS })
  }

  /** Writes what is due. @param latest the alert as it stands, undefined when it is gone */
  tick(nowMs: number, latest: (id: string) => Alert | undefined): void {
    for (const [id, open] of this.#open) {
      if (nowMs >= open.untilMs) this.#freeze(id, { ...open, alert: latest(id) ?? open.alert }, nowMs)
    }
  }

  /** The file of an alert, gzipped JSON; null when there is none. */
  async read(id: string): Promise<Buffer | null> {
    if (this.#dir === null || !this.#known.has(id)) return null
    await this.#writing
    return readFile(join(this.#dir, fileOf(id))).catch(() => null)
  }

  /** Writes what is open, however short its time after was. */
  async close(nowMs: number): Promise<void> {
    for (const [id, open] of this.#open) this.#freeze(id, open, nowMs)
    await this.#writing
  }

  #freeze(id: string, { alert, fired }: Open, nowMs: number): void {
    this.#open.delete(id)
    const dir = this.#dir
    if (dir === null) return
    const moments = [fired, this.#moment(alert)]
    const box: BlackBox = { version: 1, alert, frozenMs: nowMs, moments, histories: this.#histories(moments) }
    this.#writing = this.#writing.then(() => this.#write(dir, id, box)).catch(this.#options.onError)
  }

  async #write(dir: string, id: string, box: BlackBox): Promise<void> {
    const path = join(dir, fileOf(id))
    await writeFile(`${path}.new`, await compress(JSON.stringify(box)), { mode: 0o600 })
    await rename(`${path}.new`, path)
    this.#known.add(id)
    await this.#makeRoom(dir)
  }

  async #makeRoom(dir: string): Promise<void> {
    const files = this.#files(dir).sort((a, b) => b.writtenMs - a.writtenMs)
    let bytes = 0
    for (const [index, file] of files.entries()) {
      bytes += file.bytes
      if (index < MOST_FILES && (bytes <= MOST_BYTES || index === 0)) continue
      await rm(join(dir, fileOf(file.id)), { force: true })
      this.#known.delete(file.id)
    }
  }

  #files(dir: string): { id: string; bytes: number; writtenMs: number }[] {
    if (!existsSync(dir)) return []
    return readdirSync(dir).flatMap((name) => {
      if (!name.endsWith(SUFFIX)) return []
      const { size, mtimeMs } = statSync(join(dir, name))
      return [{ id: decodeURIComponent(name.slice(0, -SUFFIX.length)), bytes: size, writtenMs: mtimeMs }]
    })
  }

  /** What is true now around an alert: its pools and holders, its servers with their sessions and statements. */
  #moment(alert: Alert): BlackBoxMoment {
    const { fleet } = this.#options
    const snapshot = fleet.snapshot()
    const subjects = new Set([alert.subject, ...alert.symptoms.map(({ subject }) => subject)])
    const named = snapshot.groups.filter(({ id }) => subjects.has(id))
    const serverIds = new Set([...subjects, ...named.flatMap(({ serverId }) => serverId ?? [])])
    const servers = snapshot.servers.filter(({ id }) => serverIds.has(id))
    const groups = snapshot.groups.filter(
      ({ id, serverId }) => subjects.has(id) || (serverId !== null && serverIds.has(serverId)),
    )
    const about = groups
      .toSorted((a, b) => Number(subjects.has(b.id)) - Number(subjects.has(a.id)))
      .slice(0, MOST_SERIES)
    const ids = new Set(about.map(({ id }) => id))
    return {
      atMs: snapshot.atMs,
      groups: about,
      pools: snapshot.pools.filter(({ groupId }) => ids.has(groupId)),
      servers,
      holders: Object.fromEntries(about.map(({ id }) => [id, fleet.holders(id)])),
      sessions: Object.fromEntries(servers.flatMap(({ id }) => entry(id, fleet.sessions(id)))),
      statements: Object.fromEntries(
        servers.flatMap(({ id }) => entry(id, fleet.statements(id, STATEMENTS))),
      ),
    }
  }

  #histories(moments: readonly BlackBoxMoment[]): BlackBox['histories'] {
    const ids = new Set(
      moments.flatMap(({ groups, pools, servers }) => [...servers, ...groups, ...pools].map(({ id }) => id)),
    )
    const first = [...ids].slice(0, MOST_SERIES)
    return Object.fromEntries(first.flatMap((id) => entry(id, this.#options.fleet.history(id, {}))))
  }
}

const STATEMENTS = { order: 'total', limit: 50, windowMs: 300_000 } as const

function entry<Value>(id: string, value: Value | undefined): [string, Value][] {
  return value === undefined ? [] : [[id, value]]
}

/** Ids hold no more than a file name may. */
function fileOf(id: string): string {
  return `${encodeURIComponent(id)}${SUFFIX}`
}
