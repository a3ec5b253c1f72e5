import type { BoundCode, Recommendation, SizeBound } from '@poolscope/sizing'
import { formatCount, UNKNOWN } from '../lib/format.ts'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import styles from './SizeFormulas.module.css'

type Row = { code: BoundCode; bound: SizeBound | null; arithmetic: string | null; decides: boolean }

/** Each formula: what it computes, what it needs, and why its answer is another than the others'. */
const FORMULAS: Readonly<Record<BoundCode, { formula: string; needs: string; answers: string }>> = {
  cores: {
    formula: '(cores x 2) + disks',
    needs: 'cores',
    answers:
      'How many can work at once. Assumes that half of each hold waits; knows no traffic and no instances.',
  },
  wait: {
    formula: 'cores x (1 + wait / service)',
    needs: 'cores, wait, service',
    answers: 'The same with your share of waiting in the place of the assumed half, and no disks.',
  },
  share: {
    formula: '(max_connections − reserved) / instances',
    needs: 'max_connections',
    answers: 'How many the server lets each have. A ceiling: it says nothing of how many are useful.',
  },
  traffic: {
    formula: 'Erlang C: smallest with p99 wait ≤ target',
    needs: 'checkouts, mean hold',
    answers: 'How many callers need. Knows the traffic, and nothing of what the database can bear.',
  },
  replay: {
    formula: 'replay: smallest as good as the best',
    needs: 'a loaded pool whose probe recorded enough',
    answers: 'How many its own traffic needs, burst by burst, instead of a model of it.',
  },
  deadlock: {
    formula: 'threads x (connections − 1) + 1',
    needs: 'threads, connections of each',
    answers: 'Below it callers that need several connections at once can lock each other out.',
  },
}
const ORDER = Object.keys(FORMULAS) as BoundCode[]

const COLUMNS: readonly TableColumn<Row>[] = [
  {
    id: 'formula',
    label: 'Formula',
    wide: true,
    cell: ({ code, decides }) => (
      <>
        <span className={styles.formula}>
          {FORMULAS[code].formula} {decides && <Tag>decides</Tag>}
        </span>
        <span className={styles.answers}>{FORMULAS[code].answers}</span>
      </>
    ),
  },
  {
    id: 'each',
    label: 'Each instance',
    end: true,
    cell: ({ bound }) =>
      bound === null ? UNKNOWN : `${bound.kind === 'least' ? '≥' : '≤'} ${formatCount(bound.connections)}`,
  },
  {
    id: 'total',
    label: 'Database',
    end: true,
    hideBelow: 'narrow',
    cell: ({ bound }) => formatCount(bound?.total ?? null),
  },
  {
    id: 'numbers',
    label: 'With your numbers',
    cell: ({ code, arithmetic }) => (
      <span className={styles.numbers}>
        {arithmetic ?? <span className={styles.needs}>needs {FORMULAS[code].needs}</span>}
      </span>
    ),
  },
]

/** The formulas side by side. They differ because they answer different questions. */
export function SizeFormulas({
  recommendation,
  busy,
}: {
  recommendation: Recommendation | null
  /** Connections that the traffic keeps busy on average in one instance; null when not known. */
  busy: number | null
}) {
  const rows = ORDER.map((code) => {
    const bound = recommendation?.bounds.find((one) => one.code === code) ?? null
    const arithmetic =
      code === 'traffic' && busy !== null
        ? `${Number(busy.toPrecision(3))} busy on average`
        : code === 'replay' && bound !== null
          ? 'its recorded traffic'
          : (bound?.arithmetic ?? null)
    return { code, bound, arithmetic, decides: recommendation?.binding === code }
  })
  return (
    <Card title="The formulas, side by side" note="they differ because each answers another question" flush>
      <DataTable caption="Formulas" columns={COLUMNS} rows={rows} rowKey={({ code }) => code} />
    </Card>
  )
}
