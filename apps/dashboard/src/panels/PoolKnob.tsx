import type { Knob, KnobChange } from '@poolscope/protocol'
import { useState } from 'react'
import { useKnobQuery } from '../api/knob.ts'
import { formatDateTime, formatMs, formatRate, formatRatio } from '../lib/format.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { NamedValues } from '../ui/NamedValues.tsx'
import { type MarkStatus, StatusMark } from '../ui/StatusMark.tsx'
import { GuideLink } from './GuideLink.tsx'
import { TurnDialog, UndoDialog } from './KnobDialog.tsx'
import styles from './PoolKnob.module.css'

const STATES: Readonly<Record<KnobChange['state'], readonly [MarkStatus, string]>> = {
  asked: ['unknown', 'asked'],
  applied: ['ok', 'in force'],
  undone: ['info', 'taken back'],
  rolled_back: ['warning', 'rolled back'],
  over: ['info', 'over'],
  refused: ['warning', 'not taken'],
}

/**
 * The limit of a pool that runs: what it was changed to and how callers fare since, and the way to change it. Where it is
 * switched off, one line says how to switch it on.
 */
export function PoolKnob({
  groupId,
  title,
  wanted,
  onClose,
}: {
  groupId: string
  title: string
  /** Opens the form with this limit; empty leaves it closed. */
  wanted: string
  onClose: () => void
}) {
  const knob = useKnobQuery(groupId)
  const [open, setOpen] = useState<'turn' | 'undo' | null>(null)
  if (knob === null) return null
  if (!knob.enabled || (knob.pools.length === 0 && knob.change === null)) return <HowTo knob={knob} />
  const close = () => {
    setOpen(null)
    onClose()
  }
  const goesOn = knob.change !== null && knob.change.endedMs === null
  const turns = knob.pools.length > 0 && (open === 'turn' || wanted !== '')
  return (
    <Card
      title="Limit while it runs"
      note={knob.pools.length > 1 ? `${knob.pools.length} instances` : undefined}
    >
      <div className={styles.content}>
        {knob.change === null ? (
          <p>Nobody has changed it: {bounds(knob)}</p>
        ) : (
          <Change change={knob.change} />
        )}
        <div className={styles.buttons}>
          {knob.pools.length > 0 && <Button onClick={() => setOpen('turn')}>Change …</Button>}
          {goesOn && <Button onClick={() => setOpen('undo')}>Take it back …</Button>}
        </div>
      </div>
      {turns && (
        <TurnDialog groupId={groupId} title={title} pools={knob.pools} wanted={wanted} onClose={close} />
      )}
      {open === 'undo' && <UndoDialog groupId={groupId} title={title} onClose={close} />}
    </Card>
  )
}

function HowTo({ knob: { enabled } }: { knob: Knob }) {
  return (
    <p className={styles.quiet}>
      {enabled
        ? 'This service does not allow its limit to be changed while it runs.'
        : 'The limit cannot be changed from here: that is switched off.'}{' '}
      <GuideLink guide="knob.md">How to switch it on</GuideLink>
    </p>
  )
}

function bounds({ pools }: Knob): string {
  const original = [...new Set(pools.map((pool) => pool.original))].join(' or ')
  const [least, most] = [Math.max(...pools.map((p) => p.least)), Math.min(...pools.map((p) => p.most))]
  return `it is ${original}, and may be ${least} to ${most}.`
}

function Change({ change }: { change: KnobChange }) {
  const { state, max, from, by, reason, askedMs, untilMs, endedMs, ended } = change
  const [mark, word] = STATES[state]
  return (
    <>
      <p role="status">
        <StatusMark status={mark} word={word} />: <strong>{max}</strong> instead of {from.join(' or ')}.{' '}
        {ended}
      </p>
      <NamedValues
        values={[
          ['Asked by', by],
          ['Asked', formatDateTime(askedMs)],
          ['Why', reason],
          endedMs === null
            ? ['Until', untilMs === null ? 'taken back' : formatDateTime(untilMs)]
            : ['Ended', formatDateTime(endedMs)],
        ]}
      />
      <Compared change={change} />
    </>
  )
}

/** How callers fared before, and fare since. */
function Compared({ change: { before, after, state } }: { change: KnobChange }) {
  if (after === null) {
    return state === 'applied' ? (
      <p className={styles.quiet}>Compared with before once it has settled, after 20 s.</p>
    ) : null
  }
  const rows: readonly [string, (of: KnobChange['before']) => string][] = [
    ['Callers a second', ({ attemptsPerSec }) => formatRate(attemptsPerSec)],
    ['Wait, p95', ({ waitP95Ms }) => formatMs(waitP95Ms)],
    ['Hold, p95', ({ holdP95Ms }) => formatMs(holdP95Ms)],
    ['Gave up', ({ timeoutRatio }) => formatRatio(timeoutRatio)],
  ]
  return (
    <table className={styles.table}>
      <caption>Over at most 60 s</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">before</th>
          <th scope="col">since</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, textOf]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{textOf(before)}</td>
            <td>{textOf(after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
