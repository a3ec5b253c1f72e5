import type { Alert } from '@poolscope/protocol'
import { useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import { useAdviceQuery, useBlackBoxQuery } from '../api/alerts.ts'
import { SEVERITY_MARKS, subjectHref } from '../lib/alert-words.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { useFleet } from '../live/hooks.ts'
import { AlertActions } from '../panels/AlertActions.tsx'
import { AlertCharts, marksOfAlert } from '../panels/AlertCharts.tsx'
import { AlertTags, When } from '../panels/AlertItem.tsx'
import { BlackBoxView } from '../panels/BlackBoxView.tsx'
import { BlockingChain } from '../panels/BlockingChain.tsx'
import { EvidenceHolders } from '../panels/EvidenceHolders.tsx'
import { Examples } from '../panels/Examples.tsx'
import { Facts } from '../panels/Facts.tsx'
import { Failed } from '../panels/Failed.tsx'
import { GuideLink } from '../panels/GuideLink.tsx'
import { PageHeader } from '../panels/PageHeader.tsx'
import { SymptomList } from '../panels/SymptomList.tsx'
import { useAlert } from '../panels/use-alert.ts'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { Notice } from '../ui/Notice.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './AlertPage.module.css'

/** What the live charts reach back, ms. */
const LIVE_MS = 299_000
const BACK = { href: '/alerts', name: 'Alerts' }

/** "What happened, what does it rest on, and what is to be changed?" */
export function AlertPage({ id }: { id: string }) {
  const detail = useAlert(id)
  const [, navigate] = useLocation()
  const title = detail.state === 'known' ? detail.value.title : 'Alert'
  useDocumentTitle(title, detail.state === 'known' ? detail.value.subjectName : '', 'Alerts')
  const goBack = () => navigate(BACK.href)
  useHotkeys({ Escape: goBack })
  if (detail.state === 'loading') return <Skeleton what="the alert" rows={10} />
  if (detail.state === 'failed') return <Failed what="the alert" error={detail.error} retry={detail.retry} />
  if (detail.state === 'gone') {
    return (
      <Notice status="unknown" level={1} title="No such alert">
        <p>It was never more than pending, or it is over for so long that the agent has forgotten it.</p>
        <p>
          <Link href={BACK.href}>Back to alerts</Link>
        </p>
      </Notice>
    )
  }
  return <Known alert={detail.value} />
}

function Known({ alert }: { alert: Alert }) {
  const fleet = useFleet()
  const atMs = fleet.ready ? fleet.atMs : Date.now()
  const { title, severity, state, subjectKind, subject, subjectName, message, evidence, symptoms } = alert
  const untilMs = alert.resolvedMs ?? atMs
  return (
    <>
      <PageHeader
        back={BACK}
        title={title}
        tags={
          <>
            <Tag>{state}</Tag>
            <AlertTags alert={alert} />
          </>
        }
        status={SEVERITY_MARKS[severity]}
        {...(severity === 'info' && { word: 'Info' })}
        verdict={message}
      />
      <div className={styles.page}>
        <div className={styles.top}>
          <p className={styles.when}>
            <Link href={subjectHref(subjectKind, subject)} className={styles.subject}>
              {subjectName}
            </Link>{' '}
            <When alert={alert} nowMs={atMs} />
          </p>
          <AlertActions alert={alert} />
        </div>
        <div className={styles.pair}>
          <Card title="What it rests on">
            <Facts facts={evidence.facts} />
          </Card>
          <Remedy alert={alert} />
        </div>
        {symptoms.length > 0 && (
          <Card title="What follows from it" note="no alerts of their own">
            <SymptomList symptoms={symptoms} />
          </Card>
        )}
        <BlockingChain holders={evidence.holders} />
        {evidence.holders.length > 0 && <EvidenceHolders holders={evidence.holders} untilMs={untilMs} />}
        <Around alert={alert} atMs={atMs} />
      </div>
    </>
  )
}

function Remedy({ alert }: { alert: Alert }) {
  const { data } = useAdviceQuery()
  const lists = [data?.checklist, data?.antiPatterns, data?.reviewQuestions]
  const examples = lists
    .flatMap((list) => list ?? [])
    .find(({ rules, examples }) => rules.includes(alert.rule) && examples.length > 0)?.examples
  return (
    <Card title="What to change">
      <p className={styles.remedy}>{alert.remedy ?? 'Nothing: it is for you to know.'}</p>
      {examples !== undefined && alert.remedy !== null && <Examples examples={examples} />}
      <p className={styles.guide}>
        <GuideLink guide={alert.guide}>More in the guide</GuideLink>
      </p>
    </Card>
  )
}

/** The black box once there is one, which is minutes after the alert fired; what is live until then. */
function Around({ alert, atMs }: { alert: Alert; atMs: number }) {
  const box = useBlackBoxQuery(alert.id, alert.blackBox)
  const marks = useMemo(() => marksOfAlert(alert), [alert])
  if (box.data !== undefined) return <BlackBoxView box={box.data} />
  const lastMs = Math.max(...marks.map((mark) => mark.atMs))
  const past = atMs - lastMs > LIVE_MS
  return (
    <section aria-label="Charts" className={styles.charts}>
      <h2 className={styles.heading}>{past ? 'As it is now' : 'Around the moment'}</h2>
      {box.error !== null && (
        <p role="alert">
          <StatusShape status="critical" /> The black box could not be read: {box.error.message}
        </p>
      )}
      {past && !alert.blackBox && (
        <p className={styles.past}>
          {alert.state === 'resolved' ? 'It was over' : 'It fired'} before the minutes shown here, and no
          black box was kept: the agent has no data folder, or needed the room for newer ones.
        </p>
      )}
      <AlertCharts kind={alert.subjectKind} subject={alert.subject} marks={marks} />
    </section>
  )
}
