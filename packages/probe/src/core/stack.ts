import { fileURLToPath } from 'node:url'

/** Frames kept at capture. More would find the application under deeper layers of libraries, and cost more a capture. */
const CAPTURED_FRAMES = 32
/** Bounds of a report, see the protocol's `REPORT_LIMITS`; a test holds the two together. */
export const STACK_LIMITS = { frames: 16, frameLength: 300 } as const

/**
 * Remembers the code that is running, unformatted: about 2 µs, where formatting at once would be four times that.
 * @param above the outermost function of the probe; it and what it called are left out
 * @returns an object to hand to {@link formatStack}; `null` where the runtime does not let stacks be captured
 */
// biome-ignore lint/complexity/noBannedTypes: the shape that Error.captureStackTrace asks for
export function captureStack(above: Function): object | null {
  const limit = Error.stackTraceLimit
  try {
    Error.stackTraceLimit = CAPTURED_FRAMES
    const holder = {}
    Error.captureStackTrace(holder, above)
    return holder
  } catch {
    return null
  } finally {
    restoreLimit(limit)
  }
}

function restoreLimit(limit: number): void {
  try {
    Error.stackTraceLimit = limit
  } catch {
    // Frozen intrinsics: then it was never changed either.
  }
}

/**
 * The frames of the application's own code, innermost first, as `name (src/file.ts:42:18)` with paths relative to the
 * working directory; without frames of libraries, of Node.js and of the probe. Empty when there are no others.
 */
export function formatStack(captured: object): string[] {
  const text = (captured as { stack?: unknown }).stack
  return typeof text === 'string' ? framesOf(text, workingDirectory, probeDirectory) : []
}

/** {@link formatStack} of a text as V8 writes it. */
export function framesOf(text: string, root: string, ownDirectory: string | null): string[] {
  const frames: string[] = []
  for (const line of text.split('\n')) {
    const frame = frameOf(line, root, ownDirectory)
    if (frame !== null) frames.push(frame)
    if (frames.length === STACK_LIMITS.frames) break
  }
  return frames
}

const NAMED = /^\s*at (?:async )?(.*?) \((.+:\d+:\d+)\)$/
const BARE = /^\s*at (?:async )?(.+:\d+:\d+)$/

function frameOf(line: string, root: string, ownDirectory: string | null): string | null {
  const named = NAMED.exec(line)
  const place = named?.[2] ?? BARE.exec(line)?.[1]
  if (place === undefined) return null
  const path = pathOf(place)
  if (path.startsWith('node:') || /[\\/]node_modules[\\/]/.test(path)) return null
  if (ownDirectory !== null && path.startsWith(ownDirectory) && !path.includes('.test.')) return null
  const shown = path.startsWith(root) ? path.slice(root.length) : path
  return `${named?.[1] ?? '<anonymous>'} (${shown})`.slice(0, STACK_LIMITS.frameLength)
}

function pathOf(place: string): string {
  if (!place.startsWith('file://')) return place
  try {
    const end = /:\d+:\d+$/.exec(place)?.[0] ?? ''
    return fileURLToPath(place.slice(0, place.length - end.length)) + end
  } catch {
    return place
  }
}

const workingDirectory = directory(() => `${process.cwd()}/`) ?? ''

/** This package's code. In a bundle it shares a file with the application, whose frames must stay: then `null`. */
const probeDirectory = directory(() =>
  /[\\/]core[\\/]stack\.[jt]s$/.test(import.meta.url) ? fileURLToPath(new URL('..', import.meta.url)) : null,
)

function directory(find: () => string | null): string | null {
  try {
    return find()
  } catch {
    return null
  }
}

/**
 * Decides which checkouts have their stack captured: the first few after each report, so that a quiet pool has the code
 * of all its holders, and of the rest one in `every` at random, so that no rhythm of the callers hides a caller.
 */
export class StackSampler {
  readonly #every: number
  readonly #random: () => number
  #sure = SURE
  #countdown: number
  #allUntilMs = Number.NEGATIVE_INFINITY

  /** @param every 1 captures all of them (2 to 4 µs each), 0 none */
  constructor(every: number, random: () => number = Math.random) {
    this.#every = every
    this.#random = random
    this.#countdown = this.#gap()
    if (every === 0) this.#sure = 0
  }

  next(): boolean {
    if (this.#sure > 0) {
      this.#sure--
      return true
    }
    if (--this.#countdown > 0) return false
    this.#countdown = this.#gap()
    return true
  }

  /** Captures every stack until then, so far as {@link MOST} between two reports go; none where none are wanted. */
  captureAll(untilMs: number, nowMs: number): void {
    this.#allUntilMs = Math.min(untilMs, nowMs + LONGEST_MS)
    this.refill(nowMs)
  }

  /** A report was built: the next few are sure to be captured again. */
  refill(nowMs: number): void {
    if (this.#every !== 0) this.#sure = nowMs < this.#allUntilMs ? MOST : SURE
  }

  /** Uniform over 1 .. 2 * every - 1, so `every` on average. */
  #gap(): number {
    if (this.#every === 0) return Number.POSITIVE_INFINITY
    return 1 + Math.floor(this.#random() * (2 * this.#every - 1))
  }
}

/** Sure captures a report: at one report a second and 3 µs each, 0.005 % of a core. */
const SURE = 16
/** Captures between two reports while all are wanted: at 3 µs each, 0.3 % of a core. */
const MOST = 1000
/** Longest time for which all are captured without being asked for again. */
const LONGEST_MS = 60_000
