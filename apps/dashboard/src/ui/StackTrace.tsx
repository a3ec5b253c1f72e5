import { memo } from 'react'
import { CopyButton } from './CopyButton.tsx'
import styles from './StackTrace.module.css'

const LIBRARY = /node_modules|node:internal|\(internal\//

/**
 * The first frame that belongs to the reader's own code, else the first one.
 * @param stack frames, innermost first
 */
export function ownFrame(stack: readonly string[]): string | null {
  return stack.find((frame) => !LIBRARY.test(frame)) ?? stack[0] ?? null
}

/** The parts of a frame as V8 writes it, `name (path/file.ts:42:18)`; a frame of another form is all name. */
export function frameParts(frame: string): { name: string; folder: string; file: string } {
  const match = /^(.*?) \(((?:.*[\\/])?)([^\\/]+?)(?::\d+)?\)$/.exec(frame)
  return { name: match?.[1] ?? frame, folder: match?.[2] ?? '', file: match?.[3] ?? '' }
}

/**
 * A stack, innermost frame first. It renders again only for another stack, so that its text can be
 * selected while everything around it moves.
 */
export const StackTrace = memo(
  function StackTrace({ stack }: { stack: readonly string[] }) {
    const own = ownFrame(stack)
    const frames = stack.map((frame, place) => ({ frame, key: `${place} ${frame}` }))
    return (
      <div className={styles.stack}>
        <ol className={styles.frames}>
          {frames.map(({ frame, key }) => (
            <li
              key={key}
              className={LIBRARY.test(frame) ? styles.library : frame === own ? styles.own : undefined}
            >
              {frame}
            </li>
          ))}
        </ol>
        <CopyButton text={stack.join('\n')} what="the stack" />
      </div>
    )
  },
  (before, after) => before.stack.join('\n') === after.stack.join('\n'),
)
