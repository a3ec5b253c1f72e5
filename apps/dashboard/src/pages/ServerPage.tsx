import { useLocation } from 'wouter'
import { useDocumentTitle } from '../lib/document-title.ts'
import { formatAge, formatMs } from '../lib/format.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { groupHref, groupIdOfPool } from '../lib/href.ts'
import { useQueryState } from '../lib/query-state.ts'
import { SESSION_QUERY } from '../lib/session-query.ts'
import { undoZoom } from '../lib/use-time-range.ts'
import { useFleet } from '../live/hooks.ts'
import { ServerAlerts } from '../panels/CauseStrip.tsx'
import { ConnectionsBy } from '../panels/ConnectionsBy.tsx'
import { ConnectionsLimit } from '../panels/ConnectionsLimit.tsx'
import { useServerDetail } from '../panels/detail.ts'
import { Failed } from '../panels/Failed.tsx'
import { Gone } from '../panels/Gone.tsx'
import { LimitsTable } from '../panels/LimitsTable.tsx'
import { OverCommit } from '../panels/OverCommit.tsx'
import { PageHeader } from '../panels/PageHeader.tsx'
import { ServerChart } from '../panels/ServerChart.tsx'
import { ServerDetails } from '../panels/ServerDetails.tsx'
import { SERVER_STATE_WORDS, ServerTrouble } from '../panels/ServerTrouble.tsx'
import { SessionsTable } from '../panels/SessionsTable.tsx'
import { StatementsTable } from '../panels/StatementsTable.tsx'
import { Card } from '../ui/Card.tsx'
import { Tag } from '../ui/Chip.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import styles from './ServerPage.module.css'

const BACK = { href: '/servers', name: 'Servers' }

/** "Who has this server's connections, and do they suffice?" */
export function ServerPage({ id }: { id: string }) {
  const detail = useServerDetail(id)
  const fleet = useFleet()
  const known = fleet.server(id)
  const [query, setQuery] = useQueryState(SESSION_QUERY)
  const [, navigate] = useLocation()
  const name = (detail.state === 'known' ? detail.value.server.name : known?.name) ?? id
  useDocumentTitle(name, 'Servers')
  const goBack = () => {
    // A zoom is undone before the page is left.
    if (!undoZoom()) navigate(BACK.href)
  }
  useHotkeys({ Escape: goBack })
  if (detail.state === 'loading') return <Skeleton what={name} rows={12} />
  if (detail.state === 'gone') return <Gone what="server" name={name} back={BACK} />
  if (detail.state === 'failed') return <Failed what={name} error={detail.error} retry={detail.retry} />
  const { server, sessions, atMs } = detail.value
  const poolHref = (poolId: string) => {
    const groupId = groupIdOfPool(poolId)
    return fleet.indexOf(groupId) < 0 ? null : groupHref(groupId, poolId)
  }
  const poolName = (poolId: string) => {
    const group = fleet.groups[fleet.indexOf(groupIdOfPool(poolId))]
    return group === undefined ? null : `${group.service} / ${group.name}`
  }
  const sample =
    server.sampleIntervalMs === null
      ? 'not sampled yet'
      : `sampled every ${formatMs(server.sampleIntervalMs)}, last one took ${formatMs(server.sampleMs)}`
  const age = server.atMs === null ? null : Math.max(0, atMs - server.atMs)
  return (
    <>
      <PageHeader
        back={BACK}
        title={name}
        tags={
          <Tag>
            {server.system}
            {server.version !== null && ` ${server.version}`}
          </Tag>
        }
        status={server.status}
        verdict={server.reason ?? `${SERVER_STATE_WORDS[server.state]}, with room for more connections.`}
        actions={
          <span className={styles.sample}>
            {server.address} · {sample}
            {server.startedAtMs !== null && ` · up for ${formatAge(atMs - server.startedAtMs)}`}
            {server.stale && age !== null && ` · ${formatAge(age)} old`}
          </span>
        }
      />
      <ServerAlerts serverId={id} />
      <ServerTrouble server={server} nowMs={atMs} />
      <div className={server.stale ? styles.stale : undefined}>
        <Card title="Connections" className={styles.limit}>
          <div className={styles.now}>
            <ConnectionsLimit server={server} />
            <OverCommit server={server} />
          </div>
        </Card>
        <ServerChart server={server} />
        <div className={styles.by}>
          <ConnectionsBy
            title="By application"
            label="Application"
            counts={sessions.byApplication}
            nameless="(no name)"
            limit={server.connections.total}
            chosen={query.app}
            onChoose={(app) => setQuery({ app })}
          />
          <ConnectionsBy
            title="By user"
            label="User"
            counts={sessions.byUser}
            nameless="(not known)"
            limit={server.connections.total}
            chosen={query.user}
            onChoose={(user) => setQuery({ user })}
          />
          <ConnectionsBy
            title="By database"
            label="Database"
            counts={sessions.byDatabase}
            nameless="(none)"
            limit={server.connections.total}
            chosen={query.db}
            onChoose={(db) => setQuery({ db })}
          />
        </div>
        <SessionsTable
          sessions={sessions}
          query={query}
          onChange={setQuery}
          poolHref={poolHref}
          serverName={name}
        />
        <div className={styles.more}>
          <StatementsTable serverId={id} poolName={poolName} poolHref={poolHref} />
        </div>
        {server.limits.length > 0 && (
          <div className={styles.more}>
            <LimitsTable limits={server.limits} />
          </div>
        )}
        <ServerDetails groups={server.details} />
      </div>
    </>
  )
}
