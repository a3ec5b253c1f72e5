import type { Alert } from '@poolscope/protocol'
import { useCallback, useState } from 'react'
import { blackBoxPath, useAcknowledge } from '../api/alerts.ts'
import { Button } from '../ui/Button.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './AlertActions.module.css'
import { SilenceDialog } from './SilenceDialog.tsx'

/** What can be done about an alert here. What is done is shown once the agent said so, and not before. */
export function AlertActions({ alert }: { alert: Alert }) {
  const [silencing, setSilencing] = useState(false)
  const close = useCallback(() => setSilencing(false), [])
  const { mutate, isPending, error } = useAcknowledge()
  const open = alert.state === 'firing' && alert.acknowledgedMs === null
  return (
    <div className={styles.actions}>
      {open && (
        <Button icon="check" disabled={isPending} onClick={() => mutate(alert.id)}>
          {isPending ? 'Acknowledging …' : 'Acknowledge'}
        </Button>
      )}
      {alert.state !== 'resolved' && alert.silenceId === null && (
        <Button onClick={() => setSilencing(true)}>Silence …</Button>
      )}
      {alert.blackBox && (
        <a className={styles.file} href={blackBoxPath(alert.id)} download={`blackbox-${alert.id}.json`}>
          Download the black box
        </a>
      )}
      {error !== null && open && (
        <p role="alert" className={styles.error}>
          <StatusShape status="critical" /> Not acknowledged: {error.message}
        </p>
      )}
      <SilenceDialog alert={alert} open={silencing} onClose={close} />
    </div>
  )
}
