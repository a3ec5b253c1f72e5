import { Link } from 'wouter'
import { useDocumentTitle } from '../lib/document-title.ts'
import { serverHref } from '../lib/href.ts'
import { useFleet } from '../live/hooks.ts'
import { ConnectionsLimit } from '../panels/ConnectionsLimit.tsx'
import { NoServers } from '../panels/NoServers.tsx'
import { Tag } from '../ui/Chip.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { STATUS_WORDS, StatusShape } from '../ui/StatusMark.tsx'
import styles from './ServersPage.module.css'

/** "Is a database the limit?" */
export function ServersPage() {
  const fleet = useFleet()
  useDocumentTitle('Servers')
  return (
    <>
      <h1 className={styles.title}>Servers</h1>
      {!fleet.ready ? (
        <Skeleton what="the servers" rows={6} />
      ) : fleet.servers.length === 0 ? (
        <NoServers />
      ) : (
        <ul className={styles.list}>
          {fleet.servers.map((server) => (
            <li key={server.id} className={styles.server}>
              <div className={styles.head}>
                <h2>
                  <Link href={serverHref(server.id)} className={styles.link}>
                    {server.name}
                  </Link>
                </h2>
                <Tag>
                  {server.system}
                  {server.version !== null && ` ${server.version}`}
                </Tag>
                {server.address !== server.name && <span className={styles.address}>{server.address}</span>}
                <span className={styles.status}>
                  <StatusShape status={server.status} />
                  <strong>{STATUS_WORDS[server.status]}</strong>
                  {server.reason !== null && <span className={styles.reason}>{server.reason}</span>}
                </span>
              </div>
              <ConnectionsLimit server={server} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
