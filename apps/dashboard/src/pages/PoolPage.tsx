import type { PoolNow } from '@poolscope/protocol'
import { Suspense, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useDocumentTitle } from '../lib/document-title.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { sizeHref } from '../lib/href.ts'
import { lazyPart } from '../lib/lazy-part.ts'
import { type QuerySchema, textParam, useQueryState } from '../lib/query-state.ts'
import { undoZoom } from '../lib/use-time-range.ts'
import { useFleet } from '../live/hooks.ts'
import { PoolCause } from '../panels/CauseStrip.tsx'
import { useGroupDetail } from '../panels/detail.ts'
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
  const fleet = useFleet()
  const [query, setQuery] = useQueryState(POOL_QUERY)
  const [, navigate] = useLocation()
  const [embeds, setEmbeds] = useState(false)
  const back = { href: lastOpened.fleetHref, name: 'Fleet' }
  const identity =
    fleet.groups[fleet.indexOf(groupId)] ?? (detail.state === 'known' ? detail.value.group : null)
  const title = identity === null ? groupId : `${identity.service} / ${identity.name}`
  const instance =
    detail.state === 'known'
      ? detail.value.pools.find(({ id }) => id === query.instance)?.instance
      : undefined
  useDocumentTitle(instance === undefined ? title : `${title} / ${instance}`)
  const goBack = () => {
    // A zoom is undone before the page is left.
    if (undoZoom()) return
    lastOpened.groupId = groupId
    lastOpened.returning = true
    navigate(lastOpened.fleetHref)
  }
  useHotkeys({ Escape: goBack })
  if (detail.state === 'loading') return <Skeleton what={title} rows={12} />
  if (detail.state === 'gone') return <Gone what="pool" name={title} back={back} />
  if (detail.state === 'failed') return <Failed what={title} error={detail.error} retry={detail.retry} />
  const { group, pools, holders, atMs } = detail.value
  const chosen = pools.find((pool) => pool.id === query.instance) ?? null
  const subject = chosen ?? group
  const server = subject.serverId === null ? undefined : fleet.server(subject.serverId)
  const shownHolders =
    chosen === null
      ? holders
      : { ...holders, ...narrow(holders.holders.filter(({ poolId }) => poolId === chosen.id)) }
  return (
    <>
      <PageHeader
        back={back}
        title={title}
        tags={
          <>
            <Tag>{group.system}</Tag>
            {group.origin === 'observed' && (
              <Tag title="Inferred from the server’s session list">no probe</Tag>
            )}
          </>
        }
        status={subject.status}
        verdict={subject.reason ?? 'Callers get their connections in time.'}
        actions={
          <>
            {group.origin === 'probe' && <Link href={sizeHref(groupId)}>Size this pool</Link>}
            {pools.length > 1 && (
              <Select
                label="Instance"
                value={chosen?.id ?? ''}
                options={[
                  { value: '', label: `All ${pools.length}` },
                  ...pools.map(({ id, instance }) => ({ value: id, label: instance })),
                ]}
                onChange={(instance) => setQuery({ instance })}
              />
            )}
            <Button onClick={() => setEmbeds(true)}>Embed</Button>
          </>
        }
      />
      <Suspense>
        {embeds && <EmbedDialog groupId={groupId} title={title} onClose={() => setEmbeds(false)} />}
      </Suspense>
      <PoolCause groupId={groupId} service={group.service} />
      {group.origin === 'observed' && <ObservedNotice name={group.name} />}
      <div className={styles.page}>
        <PoolStats subject={subject} atMs={atMs} />
        <PoolCharts
          kind={chosen === null ? 'group' : 'pool'}
          id={subject.id}
          origin={group.origin}
          acquireTimeoutMs={shortest(chosen === null ? pools : [chosen])}
        />
        <InstanceTable
          pools={pools}
          atMs={atMs}
          chosen={chosen?.id ?? ''}
          onChoose={(instance) => setQuery({ instance })}
        />
        <div className={group.origin === 'probe' ? styles.pair : styles.single}>
          {group.origin === 'probe' && <HoldersTable holders={shownHolders} atMs={atMs} />}
          <div className={styles.page}>
            <PoolSettings
              pools={chosen === null ? pools : [chosen]}
              serverId={subject.serverId}
              serverName={server?.name ?? null}
              nowMs={atMs}
            />
            <Suspense>
              {group.origin === 'probe' && TURNABLE.has(group.system) && (
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

/** The shortest acquire time-out: the first at which some caller gives up. */
function shortest(pools: readonly PoolNow[]): number | null {
  const known = pools.flatMap(({ acquireTimeoutMs }) => acquireTimeoutMs ?? [])
  return known.length === 0 ? null : Math.min(...known)
}

function narrow<T>(holders: readonly T[]): { holders: T[]; total: number } {
  return { holders: [...holders], total: holders.length }
}
