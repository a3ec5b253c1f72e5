import type { Holder } from '@poolscope/protocol'
import { useMemo } from 'react'
import { Link } from 'wouter'
import { blockingChain, type ChainNode } from '../lib/blocking-chain.ts'
import { groupHref } from '../lib/href.ts'
import { useFleet } from '../live/hooks.ts'
import { Card } from '../ui/Card.tsx'
import { frameParts } from '../ui/StackTrace.tsx'
import styles from './BlockingChain.module.css'
import { nameOfSubject } from './subject-name.ts'

const BOX = { width: 250, height: 76, gapX: 70, gapY: 14 }

/** Which session keeps which waiting for a lock, from left to right. Nothing where nobody is blocked. */
export function BlockingChain({ holders }: { holders: readonly Holder[] }) {
  const chain = useMemo(() => blockingChain(holders), [holders])
  if (chain === null) return null
  const { nodes, edges } = chain
  const left = ({ depth }: ChainNode) => depth * (BOX.width + BOX.gapX)
  const top = ({ row }: ChainNode) => row * (BOX.height + BOX.gapY)
  const width = Math.max(...nodes.map(left)) + BOX.width
  const height = Math.max(...nodes.map(top)) + BOX.height
  const node = (pid: number) => nodes.find((one) => one.pid === pid)
  return (
    <Card title="Who blocks whom" note="the first box has the lock, the others wait">
      <div className={styles.scroll}>
        <div className={styles.picture} style={{ width, height }}>
          <svg className={styles.edges} width={width} height={height} aria-hidden="true">
            <marker
              id="blocks"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              orient="auto"
            >
              <path d="M0 0L8 4L0 8z" className={styles.arrow} />
            </marker>
            {edges.map(({ from, to }) => {
              const [start, end] = [node(from), node(to)]
              if (start === undefined || end === undefined) return null
              const [x1, y1] = [left(start) + BOX.width, top(start) + BOX.height / 2]
              const [x2, y2] = [left(end), top(end) + BOX.height / 2]
              const bend = BOX.gapX / 2
              return (
                <path
                  key={`${from} ${to}`}
                  className={styles.edge}
                  markerEnd="url(#blocks)"
                  d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`}
                />
              )
            })}
          </svg>
          <ol>
            {nodes.map((one) => (
              <li
                key={one.pid}
                className={styles.place}
                style={{ left: left(one), top: top(one), width: BOX.width, height: BOX.height }}
              >
                <Box
                  node={one}
                  blocks={edges.filter(({ from }) => from === one.pid).map(({ to }) => to)}
                  blockedBy={edges.find(({ to }) => to === one.pid)?.from ?? null}
                />
              </li>
            ))}
          </ol>
        </div>
      </div>
    </Card>
  )
}

function Box({
  node,
  blocks,
  blockedBy,
}: {
  node: ChainNode
  blocks: readonly number[]
  blockedBy: number | null
}) {
  const fleet = useFleet()
  const { pid, service, groupId, site, statement } = node
  const parts = site === null ? null : frameParts(site)
  const content = (
    <>
      <span className={styles.who}>
        pid {pid} · {groupId === null ? (service ?? 'no probe') : nameOfSubject(fleet, groupId)}
      </span>
      <code className={styles.site}>{parts === null ? 'code not known' : `${parts.name} ${parts.file}`}</code>
      <code className={styles.site}>{statement ?? 'statement not known'}</code>
      <span className="spoken">
        {blockedBy === null ? ', has the lock' : `, waits for ${blockedBy}`}
        {blocks.length > 0 && `, keeps ${blocks.join(' and ')} waiting`}
      </span>
    </>
  )
  const title = [site, statement].filter((line) => line !== null).join('\n')
  if (groupId === null) {
    return (
      <div className={styles.box} title={title} data-root={blockedBy === null}>
        {content}
      </div>
    )
  }
  return (
    <Link href={groupHref(groupId)} className={styles.box} title={title} data-root={blockedBy === null}>
      {content}
    </Link>
  )
}
