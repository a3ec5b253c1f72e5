import { useMemo } from 'react'
import { Link } from 'wouter'
import { type ConnectionMap, connectionMap, MAP_COLUMNS, type MapNode } from '../lib/connection-map.ts'
import { cx } from '../lib/cx.ts'
import { useDocumentTitle } from '../lib/document-title.ts'
import { FLEET_QUERY } from '../lib/fleet-query.ts'
import { formatCount } from '../lib/format.ts'
import { parseQuery } from '../lib/query-state.ts'
import { useFleet } from '../live/hooks.ts'
import { useFleetOrder } from '../panels/fleet-order.ts'
import { NoPools } from '../panels/NoPools.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { STATUS_WORDS, StatusShape } from '../ui/StatusMark.tsx'
import styles from './MapPage.module.css'

/** Pools that are drawn; more are a wall rather than a picture. */
const MOST = 60
const ROW_PX = 56
const TITLES = { application: 'Applications', pool: 'Pools', pooler: 'Poolers', server: 'Servers' }
/** The worst first, as the fleet page begins. */
const WORST_FIRST = parseQuery(FLEET_QUERY, '')

/** "Who connects to what, and where is the trouble?" */
export function MapPage() {
  const fleet = useFleet()
  useDocumentTitle('Map')
  const { ids } = useFleetOrder(fleet, WORST_FIRST, false)
  const map = useMemo(() => connectionMap(fleet, ids, MOST), [fleet, ids])
  return (
    <>
      <div className={styles.top}>
        <h1>Map</h1>
        <p className={styles.legend}>In use / most. A line is as thick as its connections.</p>
      </div>
      {!fleet.ready ? (
        <Skeleton what="the map" rows={10} />
      ) : fleet.groups.length === 0 && fleet.servers.length === 0 ? (
        <NoPools servers={0} />
      ) : (
        <Picture map={map} />
      )}
      {map.hidden > 0 && (
        <p className={styles.rest}>
          The {MOST} pools that matter most. {formatCount(map.hidden)} more are on the{' '}
          <Link href="/fleet">fleet page</Link>.
        </p>
      )}
    </>
  )
}

function Picture({ map }: { map: ConnectionMap }) {
  const columns = MAP_COLUMNS.filter((column) => map.nodes.some((node) => node.column === column))
  const height = map.rows * ROW_PX
  const place = new Map(map.nodes.map((node) => [node.id, node]))
  const widest = Math.max(1, ...map.edges.map(({ connections }) => connections ?? 0))
  const left = (node: MapNode) => columns.indexOf(node.column) / columns.length
  const box = 0.76 / columns.length
  const y = (node: MapNode) => (node.row + 0.5) * ROW_PX
  return (
    <div className={styles.scroll}>
      <div className={styles.heads} style={{ gridTemplateColumns: `repeat(${columns.length}, 1fr)` }}>
        {columns.map((column) => (
          <h2 key={column} className={styles.head}>
            {TITLES[column]}
          </h2>
        ))}
      </div>
      <div className={styles.picture} style={{ height }}>
        <svg
          className={styles.edges}
          viewBox={`0 0 1000 ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          {map.edges.map(({ from, to, connections, status }) => {
            const [start, end] = [place.get(from), place.get(to)]
            if (start === undefined || end === undefined) return null
            const [x1, x2] = [(left(start) + box) * 1000, left(end) * 1000]
            const bend = (x2 - x1) / 2
            return (
              <path
                key={`${from} ${to}`}
                className={styles[status === 'critical' || status === 'warning' ? status : 'edge']}
                d={`M${x1} ${y(start)}C${x1 + bend} ${y(start)} ${x2 - bend} ${y(end)} ${x2} ${y(end)}`}
                style={{ strokeWidth: 1 + (5 * (connections ?? 0)) / widest }}
              />
            )
          })}
        </svg>
        {columns.map((column) => (
          <ul key={column} aria-label={TITLES[column]}>
            {map.nodes
              .filter((node) => node.column === column)
              .toSorted((a, b) => a.row - b.row)
              .map((node) => (
                <li
                  key={node.id}
                  className={styles.place}
                  style={{
                    top: node.row * ROW_PX,
                    left: `${left(node) * 100}%`,
                    width: `${box * 100}%`,
                    height: ROW_PX,
                  }}
                >
                  <Box node={node} leadsTo={namesBehind(map, node)} />
                </li>
              ))}
          </ul>
        ))}
      </div>
    </div>
  )
}

/** What a line of the picture says, for those who do not see it. */
function namesBehind(map: ConnectionMap, node: MapNode): string {
  const names = map.edges
    .filter(({ from }) => from === node.id)
    .flatMap(({ to }) => map.nodes.find(({ id }) => id === to)?.name ?? [])
  return names.length === 0 ? '' : `, leads to ${names.join(', ')}`
}

function Box({ node, leadsTo }: { node: MapNode; leadsTo: string }) {
  const { name, numbers, status, href } = node
  const { used, max, waiting } = numbers
  const content = (
    <>
      <StatusShape status={status} />
      <span className={styles.name} title={name}>
        {name}
      </span>
      <span className={styles.numbers}>
        {formatCount(used)}
        <span className={styles.quiet}>/{formatCount(max)}</span>
        {waiting !== null && waiting > 0 && (
          <span className={styles.waiting}> · {formatCount(waiting)} waiting</span>
        )}
      </span>
      <span className="spoken">
        , {STATUS_WORDS[status]}
        {leadsTo}
      </span>
    </>
  )
  if (href === null) return <span className={cx(styles.box, styles.nowhere)}>{content}</span>
  return (
    <Link href={href} className={cx(styles.box, status === 'critical' && styles.bad)}>
      {content}
    </Link>
  )
}
