import { INPUT_BOUNDS, type InputName } from '@poolscope/sizing'
import { type QuerySchema, textParam } from './query-state.ts'

/** A number that the calculator takes. */
export type SizeField = {
  /** Its name in the address. */
  key: SizeFieldKey
  label: string
  /** Behind the field; empty for a bare count. */
  unit: string
  input: InputName
  /** Ends of the slider; on a logarithmic scale where the ends are far apart. */
  slider: { from: number; to: number; log: boolean }
  /** What the number is, where its name does not say it. */
  hint: string | null
  /** Taken when a pool is loaded that does not tell it; null stays unknown. */
  assumed: number | null
}

export const SIZE_FIELD_KEYS = [
  'rate',
  'hold',
  'target',
  'timeout',
  'instances',
  'cores',
  'disks',
  'wait',
  'service',
  'limit',
  'reserved',
  'threads',
  'each',
  'size',
  'min',
  'idle',
] as const
export type SizeFieldKey = (typeof SIZE_FIELD_KEYS)[number]

const field = (
  key: SizeFieldKey,
  label: string,
  unit: string,
  input: InputName,
  slider: readonly [from: number, to: number, scale?: 'log'],
  hint: string | null = null,
  assumed: number | null = null,
): SizeField => ({
  key,
  label,
  unit,
  input,
  slider: { from: slider[0], to: slider[1], log: slider[2] === 'log' },
  hint,
  assumed,
})

/** Fields under their headings, in the order of the page. */
export const SIZE_GROUPS: readonly { title: string; fields: readonly SizeField[] }[] = [
  {
    title: 'Traffic',
    fields: [
      field(
        'rate',
        'Checkouts',
        'per s',
        'arrivalPerSec',
        [1, 10_000, 'log'],
        'by all instances together; about the queries or transactions a second',
      ),
      field(
        'hold',
        'Mean hold',
        'ms',
        'holdMs',
        [0.1, 10_000, 'log'],
        'from getting a connection until giving it back',
      ),
      field(
        'target',
        'Longest wait',
        'ms',
        'targetWaitMs',
        [0, 1000],
        'that 99 of 100 callers may have',
        100,
      ),
      field(
        'timeout',
        'Acquire time-out',
        'ms',
        'targetWaitMs',
        [100, 60_000, 'log'],
        'after which a caller gives up',
        5000,
      ),
      field('instances', 'Instances', '', 'instances', [1, 100], 'processes with a pool of their own', 1),
    ],
  },
  {
    title: 'Database',
    fields: [
      field('cores', 'Cores', '', 'cores', [1, 128], 'of the database, not of the application', 4),
      field(
        'disks',
        'Disks',
        '',
        'spindles',
        [0, 16],
        'that seek at the same time; 0 when all is in memory',
        0,
      ),
      field('wait', 'Waiting part of a hold', 'ms', 'waitMs', [0, 500], 'in which no core works for it'),
      field('service', 'Working part of a hold', 'ms', 'serviceMs', [0.1, 500, 'log'], 'in which one does'),
      field('limit', 'max_connections', '', 'maxConnections', [10, 2000], "the server's limit"),
      field(
        'reserved',
        'Kept back',
        '',
        'reserved',
        [0, 100],
        'for administrators and monitoring; a fifth when empty',
      ),
    ],
  },
  {
    title: 'Nested checkouts',
    fields: [
      field('threads', 'Threads', '', 'threads', [1, 200], 'of one instance that may ask at the same time'),
      field('each', 'Connections of each', '', 'connectionsPerThread', [1, 10], 'held at the same time'),
    ],
  },
  {
    title: 'Try a setting',
    fields: [
      field('size', 'Max', '', 'poolMax', [1, 100], 'the recommended one when empty'),
      field('min', 'Min', '', 'poolMax', [1, 50], 'a quarter of max when empty'),
      field('idle', 'Idle time-out', 'ms', 'holdMs', [1000, 3_600_000, 'log'], '30 s when empty'),
    ],
  },
]

/** Every field by its name in the address. */
export const SIZE_FIELDS: ReadonlyMap<SizeFieldKey, SizeField> = new Map(
  SIZE_GROUPS.flatMap(({ fields }) => fields).map((one) => [one.key, one]),
)

/** The state of the calculator: numbers as they were typed, what it was loaded from, and what is shown. */
export type SizeQuery = Record<SizeFieldKey, string> & {
  /** Id of the pool group that measured numbers come from; empty for none. */
  pool: string
  /** Id of the server whose budget is shown. */
  server: string
  /** Per cent of the instances that are added in a roll-out, as typed. */
  surge: string
  /** Per cent of the instances that may be gone at once, as typed. */
  lost: string
  /** Id of the library whose settings are shown. */
  lib: string
}

const texts = Object.fromEntries(SIZE_FIELD_KEYS.map((key) => [key, textParam()])) as Record<
  SizeFieldKey,
  ReturnType<typeof textParam>
>

/** How the calculator's state stands in its address. */
export const SIZE_QUERY: QuerySchema<SizeQuery> = {
  ...texts,
  pool: textParam(),
  server: textParam(),
  surge: textParam('100'),
  lost: textParam('50'),
  lib: textParam('pg'),
}

/** What a field may be, for its slider and for its message. */
export function boundsOf({ input }: SizeField): { min: number; max: number; whole: boolean } {
  const bounds: { min: number; max: number; whole?: boolean } = INPUT_BOUNDS[input]
  return { min: bounds.min, max: bounds.max, whole: bounds.whole === true }
}
