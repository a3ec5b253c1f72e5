import { GUIDES, PRESETS } from '@poolscope/sizing'
import { formatMs } from '../lib/format.ts'
import type { SizeQuery } from '../lib/size-query.ts'
import { Chip } from '../ui/Chip.tsx'
import styles from './SizePresets.module.css'

type Values = Partial<SizeQuery>

/** Examples that the guides work out, and settings that they give for an environment. */
const EXAMPLES: readonly { id: string; name: string; says: string; values: Values }[] = [
  { id: 'cores', name: '4 cores, 1 disk', says: '(4 x 2) + 1 = 9', values: { cores: '4', disks: '1' } },
  {
    id: 'wait',
    name: '4 cores, half of the time waiting',
    says: '4 x (1 + 0.5 / 0.5) = 8',
    values: { cores: '4', disks: '0', wait: '0.5', service: '0.5' },
  },
  {
    id: 'share',
    name: '100 connections, 4 instances',
    says: '(100 - 20) / 4 = 20',
    values: { limit: '100', reserved: '20', instances: '4' },
  },
  {
    id: 'traffic',
    name: '200 checkouts a second of 9 ms, 6 instances',
    says: '200 x 0.009 = 1.8 busy on average',
    values: { rate: '200', hold: '9', instances: '6', target: '20', limit: '200', reserved: '3', cores: '8' },
  },
  ...PRESETS.map(({ id, name, max, min, idleTimeoutMs, guide }) => ({
    id,
    name: `${name}: max ${max}, min ${min}, idle ${formatMs(idleTimeoutMs)}`,
    says: GUIDES[guide],
    values: {
      size: String(max),
      min: String(min),
      ...(idleTimeoutMs === null ? {} : { idle: String(idleTimeoutMs) }),
    },
  })),
]

/** Ways to begin. Choosing one fills its numbers in and leaves the others as they are. */
export function SizePresets({ query, onChoose }: { query: SizeQuery; onChoose: (values: Values) => void }) {
  return (
    <ul className={styles.list} aria-label="Examples">
      {EXAMPLES.map(({ id, name, says, values }) => {
        const keys = Object.keys(values) as (keyof SizeQuery)[]
        return (
          <li key={id}>
            <Chip
              pressed={keys.every((key) => query[key] === values[key])}
              onPress={() => onChoose(values)}
              title={says}
            >
              {name}
            </Chip>
          </li>
        )
      })}
    </ul>
  )
}
