import { probeSnippet } from '../lib/snippets.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import styles from './ObservedNotice.module.css'

/** What cannot be known of a pool without a probe, why, and how to come to know it. */
export function ObservedNotice({ name }: { name: string }) {
  return (
    <section className={styles.notice} aria-label="No probe">
      <p>
        <strong>No probe runs in this service.</strong> What is shown comes from the server’s session list,
        which tells open connections and what they do. How many the pool may open, who waits and for how long,
        and which code holds a connection is known only inside the process. Two lines there make it known:
      </p>
      <CodeBlock text={probeSnippet(location.origin, name.split('@')[0])} what="snippet" />
    </section>
  )
}
