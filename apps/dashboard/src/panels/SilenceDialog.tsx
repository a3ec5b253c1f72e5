import type { Alert } from '@poolscope/protocol'
import { useEffect, useState } from 'react'
import { useSilence } from '../api/alerts.ts'
import { formatDateTime } from '../lib/format.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { DialogForm } from '../ui/DialogForm.tsx'
import { Select } from '../ui/Select.tsx'
import styles from './SilenceDialog.module.css'

const MINUTE_MS = 60_000
const DURATIONS = [
  { value: '30', label: '30 minutes' },
  { value: '60', label: '1 hour' },
  { value: '240', label: '4 hours' },
  { value: '1440', label: '1 day' },
  { value: '10080', label: '1 week' },
] as const
type Scope = 'both' | 'subject' | 'rule'

/** Asks what to keep quiet, for how long, and why; closes once the agent keeps it quiet. */
export function SilenceDialog({
  alert,
  open,
  onClose,
}: {
  alert: Alert
  open: boolean
  onClose: () => void
}) {
  return (
    <Dialog title="Silence" open={open} onClose={onClose}>
      <Form alert={alert} onDone={onClose} />
    </Dialog>
  )
}

function Form({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const { rule, title, subject, subjectName } = alert
  const [scope, setScope] = useState<Scope>('both')
  const [minutes, setMinutes] = useState<(typeof DURATIONS)[number]['value']>('60')
  const [comment, setComment] = useState('')
  const [openedMs, setOpened] = useState(() => Date.now())
  const { mutate, isPending, error } = useSilence()
  useEffect(() => {
    const timer = setInterval(() => setOpened(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  const submit = () =>
    mutate(
      {
        ...(scope !== 'subject' && { rule }),
        ...(scope !== 'rule' && { subject }),
        comment: comment.trim(),
        untilMs: Date.now() + Number(minutes) * MINUTE_MS,
      },
      { onSuccess: onDone },
    )
  return (
    <DialogForm
      trouble={error === null ? null : `Not silenced: ${error.message}`}
      action={isPending ? 'Silencing …' : 'Silence'}
      ready={!isPending && comment.trim() !== ''}
      onSubmit={submit}
      onCancel={onDone}
    >
      <p>Silenced alerts stay on this page. Nobody is notified of them.</p>
      <Select
        label="What"
        value={scope}
        options={[
          { value: 'both', label: `“${title}” of ${subjectName}` },
          { value: 'subject', label: `everything of ${subjectName}` },
          { value: 'rule', label: `“${title}” everywhere` },
        ]}
        onChange={setScope}
      />
      <Select label="For" value={minutes} options={DURATIONS} onChange={setMinutes} />
      <label className={styles.comment}>
        <span>Why</span>
        <textarea
          required
          maxLength={500}
          rows={2}
          value={comment}
          placeholder="for whoever looks next"
          onChange={(event) => setComment(event.target.value)}
        />
      </label>
      <p className={styles.until}>Until {formatDateTime(openedMs + Number(minutes) * MINUTE_MS)}.</p>
    </DialogForm>
  )
}
