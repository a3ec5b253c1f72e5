import { STATUSES } from '@poolscope/protocol'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import { formatCount } from '../lib/format.ts'
import { groupHref, serverHref } from '../lib/href.ts'
import { type FleetView, useFleet } from '../live/hooks.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import { severity } from './fleet-order.ts'
import styles from './VerdictStrip.module.css'

/** Most sentences; the table below has the rest. */
const MAX_SENTENCES = 3
/** How often the live region may speak, ms. */
const SPEAK_EVERY_MS = 5000

type Problem = { key: string; status: 'warning' | 'critical'; name: string; reason: string; href: string }

function problemsOf(fleet: FleetView): Problem[] {
  const servers = fleet.servers.flatMap((server): Problem[] =>
    server.status === 'critical' || server.status === 'warning'
      ? [
          {
            key: `server ${server.id}`,
            status: server.status,
            name: server.name,
            reason: server.reason ?? 'No reason given.',
            href: serverHref(server.id),
          },
        ]
      : [],
  )
  const wrong: { index: number; rank: number }[] = []
  for (let index = 0; index < fleet.groups.length; index += 1) {
    const status = fleet.status(index)
    if (status === 'critical' || status === 'warning') wrong.push({ index, rank: severity(fleet, index) })
  }
  const pools = wrong
    .sort((a, b) => b.rank - a.rank)
    .flatMap(({ index }): Problem[] => {
      const group = fleet.groups[index]
      if (group === undefined) return []
      return [
        {
          key: group.id,
          status: fleet.status(index) === 'critical' ? 'critical' : 'warning',
          name: `${group.service} / ${group.name}`,
          reason: fleet.reason(index) ?? 'No reason given.',
          href: groupHref(group.id),
        },
      ]
    })
  // A server stands before the pools that suffer from it.
  return [...servers, ...pools].sort((a, b) => STATUSES.indexOf(b.status) - STATUSES.indexOf(a.status))
}

/** What is wrong, worst first and in words, each sentence a link; or that nothing is. */
export function VerdictStrip() {
  const fleet = useFleet()
  const problems = fleet.ready ? problemsOf(fleet) : []
  const shown = problems.slice(0, MAX_SENTENCES)
  const criticals = problems.filter((problem) => problem.status === 'critical')
  return (
    <section className={styles.strip} aria-label="Verdict">
      {shown.length === 0 ? (
        <p className={styles.calm}>
          {fleet.ready && (
            <>
              <StatusShape status="ok" /> <Calm fleet={fleet} />
            </>
          )}
        </p>
      ) : (
        <ul>
          {shown.map(({ key, status, name, reason, href }) => (
            <li key={key}>
              <Link href={href} className={styles.problem}>
                <StatusShape status={status} />
                <span className={styles.name}>{name}</span>
                <span className={styles.reason}>{reason}</span>
                <span className={styles.open} aria-hidden="true">
                  Open →
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
      {fleet.ready && (
        <Spoken text={criticals.map(({ name, reason }) => `${name}: ${reason}`)} count={criticals.length} />
      )}
    </section>
  )
}

function Calm({ fleet }: { fleet: FleetView }) {
  const total = fleet.groups.length
  let stale = 0
  let unknown = 0
  for (let index = 0; index < total; index += 1) {
    if (fleet.status(index) === 'stale') stale += 1
    if (fleet.status(index) === 'unknown') unknown += 1
  }
  const rest = [
    unknown > 0 ? `${formatCount(unknown)} cannot be judged` : '',
    stale > 0 ? `${formatCount(stale)} ${stale === 1 ? 'is' : 'are'} stale` : '',
  ].filter((part) => part !== '')
  const judged = total - stale - unknown
  const pools = `${formatCount(judged)} ${judged === 1 ? 'pool' : 'pools'}`
  return `Nothing is wrong in ${pools}${rest.map((part) => `; ${part}`).join('')}.`
}

/** The page's one live region: says which pools are critical when that set changes, and no oftener than five seconds. */
function Spoken({ text, count }: { text: readonly string[]; count: number }) {
  const [said, setSaid] = useState('')
  const names = text.map((sentence) => sentence.split(':')[0]).join('|')
  const latest = useRef('')
  latest.current = count === 0 ? 'No pool is critical.' : `${count} critical. ${text.slice(0, 2).join(' ')}`
  const last = useRef({ names: '', atMs: 0 })
  useEffect(() => {
    if (names === last.current.names) return
    const waitMs = Math.max(0, last.current.atMs + SPEAK_EVERY_MS - Date.now())
    const timer = setTimeout(() => {
      last.current = { names, atMs: Date.now() }
      setSaid(latest.current)
    }, waitMs)
    return () => clearTimeout(timer)
  }, [names])
  return (
    <p className="spoken" aria-live="polite">
      {said}
    </p>
  )
}
