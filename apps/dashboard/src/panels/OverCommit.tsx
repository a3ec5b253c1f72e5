import type { ServerNow } from '@poolscope/protocol'
import { formatCount } from '../lib/format.ts'
import { StatusShape } from '../ui/StatusMark.tsx'
import styles from './OverCommit.module.css'

/** "If every pool filled up": the sum of what all pools may open against what the server can take. */
export function OverCommit({
  server,
}: {
  server: Pick<ServerNow, 'maxConnections' | 'reservedConnections' | 'pools'>
}) {
  const { maxConnections, reservedConnections, pools } = server
  const { count, maxSum } = pools
  const word = count === 1 ? 'the one pool' : `all ${formatCount(count)} pools`
  if (count === 0) {
    return (
      <p className={styles.sentence}>
        <StatusShape status="unknown" />
        <span>No pool with a probe leads here, so how many connections could be asked for is not known.</span>
      </p>
    )
  }
  if (maxSum === null || maxConnections === null || reservedConnections === null) {
    return (
      <p className={styles.sentence}>
        <StatusShape status="unknown" />
        <span>
          If {word} filled up: not known, because {maxSum === null ? 'a pool’s max' : 'the server’s limit'} is
          not known.
        </span>
      </p>
    )
  }
  const usable = maxConnections - reservedConnections
  const over = maxSum - usable
  return (
    <p className={styles.sentence}>
      <StatusShape status={over > 0 ? 'warning' : 'ok'} />
      <span>
        If {word} filled up: sum of max = <strong>{formatCount(maxSum)}</strong> of{' '}
        <strong>{formatCount(usable)}</strong> usable;{' '}
        {over > 0 ? `over-committed by ${formatCount(over)}` : `${formatCount(-over)} to spare`}.
      </span>
    </p>
  )
}
