import type { BudgetRow, ServerBudget } from '@poolscope/protocol'
import { type WhatIfBudget, type WhatIfRow, whatIf } from '@poolscope/sizing'
import { useMemo } from 'react'
import { Link } from 'wouter'
import { useBudgetQuery } from '../api/queries.ts'
import { formatCount, UNKNOWN } from '../lib/format.ts'
import { groupHref } from '../lib/href.ts'
import { readPercent } from '../lib/read-percent.ts'
import { useFleet } from '../live/hooks.ts'
import { Card } from '../ui/Card.tsx'
import { DataTable, type TableColumn } from '../ui/DataTable.tsx'
import { NumberField } from '../ui/NumberField.tsx'
import { Select } from '../ui/Select.tsx'
import { type MarkStatus, StatusShape } from '../ui/StatusMark.tsx'
import own from './SizeBudget.module.css'
import styles from './SizeVerdict.module.css'

const COLUMNS: readonly TableColumn<WhatIfRow<BudgetRow>>[] = [
  {
    id: 'pool',
    label: 'Pool',
    wide: true,
    cell: ({ groupId, service, name }) => (
      <Link href={groupHref(groupId)}>
        {service} / {name}
      </Link>
    ),
  },
  {
    id: 'declared',
    label: 'Instances × max',
    end: true,
    cell: ({ instances, max, declared }) =>
      declared === null
        ? UNKNOWN
        : max === null
          ? formatCount(declared)
          : `${formatCount(instances)} × ${formatCount(max)} = ${formatCount(declared)}`,
  },
  { id: 'inUse', label: 'In use', end: true, hideBelow: 'narrow', cell: ({ inUse }) => formatCount(inUse) },
  { id: 'worst', label: 'At worst', end: true, hideBelow: 'narrow', cell: ({ worst }) => formatCount(worst) },
  {
    id: 'surge',
    label: 'In a roll-out',
    end: true,
    hideBelow: 'medium',
    cell: ({ worst, line }) => formatCount(line === null || worst === null ? null : worst + line.surge),
  },
  {
    id: 'failover',
    label: 'Some gone',
    end: true,
    hideBelow: 'medium',
    cell: ({ line }) => formatCount(line?.failover.needsEach ?? null),
  },
  {
    id: 'granted',
    label: 'Max to fit',
    end: true,
    cell: ({ line }) => formatCount(line?.granted ?? null),
  },
  {
    id: 'loses',
    label: 'Loses',
    end: true,
    hideBelow: 'narrow',
    cell: ({ line }) => formatCount(line?.loses ?? null),
  },
]

const MOST_SURGE = 100
const MOST_LOST = 99

/**
 * What all pools may open on one server against what it can take, now, in a roll-out, and with some instances gone.
 * Nothing where no server is watched.
 */
export function SizeBudget({
  serverId,
  surge,
  lost,
  onChange,
}: {
  serverId: string
  /** Per cent of the instances, as typed. */
  surge: string
  lost: string
  onChange: (patch: { server?: string; surge?: string; lost?: string }) => void
}) {
  const { servers } = useFleet()
  const server = servers.find(({ id }) => id === serverId) ?? servers[0]
  const { data } = useBudgetQuery(server?.id ?? '', { enabled: server !== undefined })
  const more = readPercent('More in a roll-out', surge, MOST_SURGE)
  const gone = readPercent('Gone at once', lost, MOST_LOST)
  const found = useMemo(
    () =>
      data === undefined || more.value === null || gone.value === null
        ? null
        : whatIf(data, { surgeRatio: more.value / 100, lostRatio: gone.value / 100 }),
    [data, more.value, gone.value],
  )
  if (server === undefined) return null
  return (
    <Card
      title="Budget of the server"
      note="what every pool may open, now and when something happens"
      actions={
        servers.length > 1 && (
          <Select
            label="Server"
            value={server.id}
            options={servers.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={(id) => onChange({ server: id })}
          />
        )
      }
    >
      {data === undefined ? (
        <p>Asking the agent …</p>
      ) : (
        <>
          <Sentence budget={data} />
          <div className={own.what}>
            <NumberField
              {...SHARE}
              label="More in a roll-out"
              hint="instances of one service, old and new together"
              text={surge}
              {...more}
              slider={{ ...SHARE.slider, to: MOST_SURGE }}
              onChange={(text) => onChange({ surge: text })}
            />
            <NumberField
              {...SHARE}
              label="Gone at once"
              hint="instances whose traffic the others take"
              text={lost}
              {...gone}
              slider={{ ...SHARE.slider, to: MOST_LOST }}
              onChange={(text) => onChange({ lost: text })}
            />
          </div>
          {found !== null && (
            <>
              <WhatIf found={found} budget={data} gone={gone.value ?? 0} />
              <DataTable
                caption="Budget"
                columns={COLUMNS}
                rows={found.rows}
                rowKey={({ groupId }) => groupId}
              />
            </>
          )}
        </>
      )}
    </Card>
  )
}

const SHARE = {
  unit: '%',
  tag: null,
  placeholder: '—',
  slider: { from: 0, log: false, whole: true },
} as const

/** What a roll-out and lost instances do to it, and who loses. */
function WhatIf({
  found,
  budget,
  gone,
}: {
  found: WhatIfBudget<BudgetRow>
  budget: ServerBudget
  gone: number
}) {
  const { rollout, rolloutFits, largest, losers, tooSmall, nobodyLeft } = found
  return (
    <>
      {largest !== null && (
        <p className={styles.sentence}>
          <StatusShape status={statusOf(rolloutFits)} />
          <span>
            While {nameOf(largest)} is rolled out, old and new together, it is{' '}
            <strong>{formatCount(rollout)}</strong> of <strong>{formatCount(budget.usable)}</strong>.{' '}
            {fitText(rolloutFits)}
            {rolloutFits === false && `; with each max as under Max to fit it would${loserText(losers)}`}.
          </span>
        </p>
      )}
      {gone > 0 && (
        <p className={styles.sentence}>
          <StatusShape status={tooSmall.length > 0 ? 'critical' : nobodyLeft.length > 0 ? 'warning' : 'ok'} />
          <span>{goneText(found, gone)}</span>
        </p>
      )}
    </>
  )
}

function goneText({ tooSmall, nobodyLeft }: WhatIfBudget<BudgetRow>, gone: number): string {
  const enough =
    tooSmall.length === 0
      ? 'the max of the others is enough for what is in use now, where that is known'
      : `the others need more than their max for what is in use now: ${tooSmall
          .map((row) => `${nameOf(row)} ${row.line?.failover.needsEach} each of ${row.max}`)
          .join(', ')}`
  const left =
    nobodyLeft.length === 0 ? '' : ` No instance would be left of ${nobodyLeft.map(nameOf).join(', ')}.`
  return `With ${gone} % of the instances gone, ${enough}.${left}`
}

function loserText(losers: readonly WhatIfRow<BudgetRow>[]): string {
  if (losers.length === 0) return ', and nobody loses what is in use now'
  const each = losers.map((row) => `${nameOf(row)} ${row.line?.loses} of each pool`)
  return `, and of what is in use now ${each.join(', ')} would be lost`
}

const nameOf = ({ service, name }: BudgetRow) => `${service} / ${name}`

function statusOf(fits: boolean | null): MarkStatus {
  return fits === null ? 'unknown' : fits ? 'ok' : 'critical'
}

function fitText(fits: boolean | null): string {
  return fits === null ? 'Whether that fits is not known' : fits ? 'It fits' : 'It does not fit'
}

function Sentence({ budget }: { budget: ServerBudget }) {
  const { name, fits, worst, usable, others, unknown } = budget
  return (
    <p className={styles.sentence}>
      <StatusShape status={statusOf(fits)} />
      <span>
        If every pool on {name} filled up: <strong>{formatCount(worst)}</strong> of{' '}
        <strong>{formatCount(usable)}</strong> usable, {formatCount(others)} of them beside the pools.{' '}
        {fitText(fits)}
        {unknown > 0 &&
          `: ${unknown === 1 ? 'the max of one pool is' : `the max of ${unknown} pools is`} not known`}
        .
      </span>
    </p>
  )
}
