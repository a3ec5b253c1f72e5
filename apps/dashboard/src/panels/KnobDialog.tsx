import type { KnobPool } from '@poolscope/protocol'
import { type ReactNode, useId, useState } from 'react'
import { useTurn, useUndo } from '../api/knob.ts'
import { formatCount } from '../lib/format.ts'
import { keepOwnName, ownName } from '../lib/own-name.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { DialogForm } from '../ui/DialogForm.tsx'
import { Select } from '../ui/Select.tsx'
import { GuideLink } from './GuideLink.tsx'
import styles from './KnobDialog.module.css'

const TIMES = [
  { value: '', label: 'until it is taken back' },
  { value: '15', label: '15 minutes' },
  { value: '60', label: '1 hour' },
  { value: '1440', label: '1 day' },
] as const
const RULES = [
  { value: 'wait', label: 'long waits' },
  { value: 'timeouts', label: 'time-outs' },
  { value: 'utilization', label: 'a pool nearly full' },
] as const

/** Asks for another limit, and says what will happen before it does. @param wanted a limit to begin with */
export function TurnDialog({
  groupId,
  title,
  pools,
  wanted,
  onClose,
}: {
  groupId: string
  title: string
  pools: readonly KnobPool[]
  wanted: string
  onClose: () => void
}) {
  const [max, setMax] = useState(wanted)
  const [name, setName] = useState(ownName)
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState<(typeof TIMES)[number]['value']>('')
  const [rule, setRule] = useState<(typeof RULES)[number]['value']>('wait')
  const [instance, setInstance] = useState('')
  const { mutate, isPending, error } = useTurn(groupId)
  const chosen = instance === '' ? pools : pools.filter(({ poolId }) => poolId === instance)
  const least = Math.max(...chosen.map((pool) => pool.least))
  const most = Math.min(...chosen.map((pool) => pool.most))
  const wrong = whyNot(max, least, most)
  const submit = () => {
    keepOwnName(name.trim())
    mutate(
      {
        max: Number(max),
        by: name.trim(),
        rule,
        ...(reason.trim() !== '' && { reason: reason.trim() }),
        ...(minutes !== '' && { minutes: Number(minutes) }),
        ...(instance !== '' && { poolIds: [instance] }),
      },
      { onSuccess: onClose },
    )
  }
  return (
    <Dialog title={`Change the limit of ${title}`} open onClose={onClose}>
      <DialogForm
        trouble={error === null ? null : `Not changed: ${error.message}`}
        action={isPending ? 'Asking …' : 'Change the limit'}
        ready={!isPending && wrong === null && name.trim() !== ''}
        onSubmit={submit}
        onCancel={onClose}
      >
        <Field
          label="Most connections (max)"
          hint={`${least} to ${most}, as the service allows`}
          wrong={max === '' ? null : wrong}
        >
          {(given) => (
            <input
              {...given}
              type="text"
              inputMode="numeric"
              autoComplete="off"
              required
              value={max}
              onChange={(event) => setMax(event.target.value.trim())}
            />
          )}
        </Field>
        {pools.length > 1 && (
          <Select
            label="In"
            value={instance}
            options={[
              { value: '', label: `all ${pools.length} instances` },
              ...pools.map(({ poolId, instance: label }) => ({ value: poolId, label: `only ${label}` })),
            ]}
            onChange={setInstance}
          />
        )}
        <Select label="For" value={minutes} options={TIMES} onChange={setMinutes} />
        <Select label="Because of" value={rule} options={RULES} onChange={setRule} />
        <NameField name={name} onChange={setName} />
        <Field label="Why" hint="optional, for whoever looks next" wrong={null}>
          {(given) => (
            <input
              {...given}
              type="text"
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        <p>
          {wrong === null && <strong>{whatHappens(chosen, Number(max))} </strong>}
          It goes back by itself when callers fare worse, and when the agent or the process ends.{' '}
          <GuideLink guide="knob.md">How it is decided</GuideLink>
        </p>
      </DialogForm>
    </Dialog>
  )
}

/** Takes a changed limit back, in somebody's name. */
export function UndoDialog({
  groupId,
  title,
  onClose,
}: {
  groupId: string
  title: string
  onClose: () => void
}) {
  const [name, setName] = useState(ownName)
  const { mutate, isPending, error } = useUndo(groupId)
  const submit = () => {
    keepOwnName(name.trim())
    mutate(name.trim(), { onSuccess: onClose })
  }
  return (
    <Dialog title={`Take back the limit of ${title}`} open onClose={onClose}>
      <DialogForm
        trouble={error === null ? null : `Not taken back: ${error.message}`}
        action={isPending ? 'Taking back …' : 'Take it back'}
        ready={!isPending && name.trim() !== ''}
        onSubmit={submit}
        onCancel={onClose}
      >
        <p>Each process goes back to the limit that it began with, within seconds.</p>
        <NameField name={name} onChange={setName} />
      </DialogForm>
    </Dialog>
  )
}

function NameField({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  return (
    <Field label="Your name" hint="kept with the change, for all to see" wrong={null}>
      {(given) => (
        <input
          {...given}
          type="text"
          required
          maxLength={100}
          autoComplete="name"
          value={name}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
}

type Given = {
  id: string
  className: string | undefined
  'aria-describedby': string
  'aria-invalid': boolean
}

function Field({
  label,
  hint,
  wrong,
  children,
}: {
  label: string
  hint: string
  wrong: string | null
  children: (given: Given) => ReactNode
}) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        className: styles.input,
        'aria-describedby': `${id}-hint`,
        'aria-invalid': wrong !== null,
      })}
      <p id={`${id}-hint`} className={wrong === null ? styles.hint : styles.wrong}>
        {wrong ?? hint}
      </p>
    </div>
  )
}

function whyNot(max: string, least: number, most: number): string | null {
  if (!/^\d{1,7}$/.test(max)) return `A whole number from ${least} to ${most}.`
  return Number(max) < least || Number(max) > most ? `The service allows ${least} to ${most}.` : null
}

function whatHappens(pools: readonly KnobPool[], max: number): string {
  const from = [...new Set(pools.map((pool) => formatCount(pool.max)))].join(' or ')
  const where = pools.length === 1 ? 'One running process goes' : `${pools.length} running processes go`
  return `${where} from ${from} to ${max} at once.`
}
