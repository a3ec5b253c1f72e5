import type { GroupIdentity, Holders, PoolNow } from '@poolscope/protocol'
import { Suspense, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import { useDocumentTitle } from '../lib/document-title.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { lazyPart } from '../lib/lazy-part.ts'
import { follow, type Moving, sameItems, useMoving } from '../lib/moving.ts'
import { type QuerySchema, textParam, useQueryState } from '../lib/query-state.ts'
import { undoZoom } from '../lib/use-time-range.ts'
import { useFleetFact } from '../live/hooks.ts'
import { PoolCause } from '../panels/CauseStrip.tsx'
import { type Detail, type GroupDetail, useGroupDetail } from '../panels/detail.ts'
import { Failed } from '../panels/Failed.tsx'
import { Gone } from '../panels/Gone.tsx'
import { HoldersTable } from '../panels/HoldersTable.tsx'
import { InstanceTable } from '../panels/InstanceTable.tsx'
import { lastOpened } from '../panels/last-opened.ts'
import { ObservedNotice } from '../panels/ObservedNotice.tsx'
import { PageHeader } from '../panels/PageHeader.tsx'
import { PoolCharts } from '../panels/PoolCharts.tsx'
import { PoolSettings } from '../panels/PoolSettings.tsx'
import { PoolStats } from '../panels/PoolStats.tsx'
import { SizeLink } from '../panels/SizeLink.tsx'
import { Button } from '../ui/Button.tsx'
import { Tag } from '../ui/Chip.tsx'
import { Select } from '../ui/Select.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import styles from './PoolPage.module.css'

const EmbedDialog = lazyPart(() => import('../panels/EmbedDialog.tsx').then((part) => part.EmbedDialog))

const PoolKnob = lazyPart(() => import('../panels/PoolKnob.tsx').then((part) => part.PoolKnob))

/** `instance` is a pool id; empty for all instances together. `max` is a limit to ask for; empty for none. */
const POOL_QUERY: QuerySchema<{ instance: string; max: string }> = { instance: textParam(), max: textParam() }

/** Systems whose drivers let a pool's limit be changed while it runs. */
const TURNABLE: ReadonlySet<string> = new Set(['postgresql', 'mysql', 'mariadb'])

/** "What is wrong with this pool, since when?" */
export function PoolPage({ groupId }: { groupId: string }) {
  const detail = useGroupDetail(groupId)
  const [, navigate] = useLocation()
  const back = { href: lastOpened.fleetHref, name: 'Fleet' }
  const listed = useFleetFact((fleet) => fleet.groups[fleet.indexOf(groupId)])
  const identity = listed ?? (detail.state === 'known' ? detail.value.now.group : null)
  const title = identity === null ? groupId : `${identity.service} / ${identity.name}`
  const goBack = () => {
    // A zoom is undone before the page is left.
    if (undoZoom()) return
    lastOpened.groupId = groupId
    lastOpened.returning = true
    navigate(lastOpened.fleetHref)
  }
  useHotkeys({ Escape: goBack })
  return detail.state === 'known' ? (
    <KnownPool title={title} back={back} of={detail.value} />
  ) : (
    <UnknownPool title={title} back={back} detail={detail} />
  )
}

type Head = { title: string; back: { href: string; name: string } }

function UnknownPool({
  title,
  back,
  detail,
}: Head & { detail: Exclude<Detail<unknown>, { state: 'known' }> }) {
  useDocumentTitle(title)
  if (detail.state === 'loading') return <Skeleton what={title} rows={12} />
  if (detail.state === 'gone') return <Gone what="pool" name={title} back={back} />
  return <Failed what={title} error={detail.error} retry={detail.retry} />
}

/** What of a pool makes its page look otherwise: the numbers are written where they stand, see {@link Moving}. */
function KnownPool({ title, back, of }: Head & { of: Moving<GroupDetail> }) {
  const [query, setQuery] = useQueryState(POOL_QUERY)
  const [embeds, setEmbeds] = useState(false)
  const { id: groupId, service, name, system, origin } = useMoving(of, ({ group }) => group, sameIdentity)
  const instances = useMoving(of, ({ pools }) => pools, sameInstances)
  const chosen = instances.find(({ id }) => id === query.instance)
  const chosenId = chosen?.id ?? null
  const subject = useMemo(
    () => follow(of, ({ group, pools, atMs }) => ({ subject: poolOf(pools, chosenId) ?? group, atMs })),
    [of, chosenId],
  )
  const pools = useMemo(
    () => follow(of, ({ pools, atMs }) => ({ pools: pools.filter(isIn(chosenId)), atMs })),
    [of, chosenId],
  )
  const holders = useMemo(
    () => follow(of, ({ holders, atMs }) => ({ holders: narrow(holders, chosenId), atMs })),
    [of, chosenId],
  )
  const status = useMoving(subject, (now) => now.subject.status)
  const reason = useMoving(subject, (now) => now.subject.reason)
  const serverId = useMoving(subject, (now) => now.subject.serverId)
  const acquireTimeoutMs = useMoving(pools, (now) => shortest(now.pools))
  const serverName = useFleetFact((fleet) => (serverId === null ? undefined : fleet.server(serverId)?.name))
  const choose = (instance: string) => setQuery({ instance })
  useDocumentTitle(chosen === undefined ? title : `${title} / ${chosen.instance}`)
  return (
    <>
      <PageHeader
        back={back}
        title={title}
        tags={
          <>
            <Tag>{system}</Tag>
            {origin === 'observed' && <Tag title="Inferred from the server’s session list">no probe</Tag>}
          </>
        }
        status={status}
        verdict={reason ?? 'Callers get their connections in time.'}
        actions={
          <>
            {origin === 'probe' && <SizeLink groupId={groupId} />}
            {instances.length > 1 && (
              <Select
                label="Instance"
                value={chosenId ?? ''}
                options={[
                  { value: '', label: `All ${instances.length}` },
                  ...instances.map(({ id, instance }) => ({ value: id, label: instance })),
                ]}
                onChange={choose}
              />
            )}
            <Button onClick={() => setEmbeds(true)}>Embed</Button>
          </>
        }
      />
      <Suspense>
        {embeds && <EmbedDialog groupId={groupId} title={title} onClose={() => setEmbeds(false)} />}
      </Suspense>
      <PoolCause groupId={groupId} service={service} />
      {origin === 'observed' && <ObservedNotice name={name} />}
      <div className={styles.page}>
        <PoolStats of={subject} />
        <PoolCharts
          kind={chosenId === null ? 'group' : 'pool'}
          id={chosenId ?? groupId}
          origin={origin}
          acquireTimeoutMs={acquireTimeoutMs}
        />
        <InstanceTable of={of} chosen={chosenId ?? ''} onChoose={choose} />
        <div className={origin === 'probe' ? styles.pair : styles.single}>
          {origin === 'probe' && <HoldersTable of={holders} />}
          <div className={styles.page}>
            <PoolSettings of={pools} serverId={serverId} serverName={serverName ?? null} />
            <Suspense>
              {origin === 'probe' && TURNABLE.has(system) && (
                <PoolKnob
                  groupId={groupId}
                  title={title}
                  wanted={query.max}
                  onClose={() => setQuery({ max: '' })}
                />
              )}
            </Suspense>
          </div>
        </div>
      </div>
    </>
  )
}

function sameIdentity(before: GroupIdentity, now: GroupIdentity): boolean {
  const facts = ({ id, service, name, system, origin }: GroupIdentity) => [id, service, name, system, origin]
  return sameItems(facts(before), facts(now))
}

function sameInstances(before: readonly PoolNow[], now: readonly PoolNow[]): boolean {
  const facts = (pools: readonly PoolNow[]) => pools.flatMap(({ id, instance }) => [id, instance])
  return sameItems(facts(before), facts(now))
}

const poolOf = (pools: readonly PoolNow[], id: string | null) => pools.find((pool) => pool.id === id)

const isIn = (chosenId: string | null) => (pool: PoolNow) => chosenId === null || pool.id === chosenId

/** The shortest acquire time-out: the first at which some caller gives up. */
function shortest(pools: readonly PoolNow[]): number | null {
  const known = pools.flatMap(({ acquireTimeoutMs }) => acquireTimeoutMs ?? [])
  return known.length === 0 ? null : Math.min(...known)
}

/** Those of one pool; of all where none is chosen. */
function narrow(all: Holders, chosenId: string | null): Holders {
  if (chosenId === null) return all
  const holders = all.holders.filter(({ poolId }) => poolId === chosenId)
  return { ...all, holders, total: holders.length }
}
