import styles from './CodeBlock.module.css'
import { CopyButton } from './CopyButton.tsx'

/** Text to take along: a command or a few lines of code. Long lines wrap, so nothing hides at the edge. */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div className={styles.block}>
      <pre className={styles.text}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} compact />
    </div>
  )
}
