import { formatAge } from '../lib/format.ts'
import { usePause } from '../live/hooks.ts'
import { Button } from '../ui/Button.tsx'
import styles from './Banner.module.css'

/** Says that the page stands still, and by how much it is behind. Data goes on arriving meanwhile. */
export function PauseBar() {
  const { paused, behindMs, resume } = usePause()
  if (!paused) return null
  return (
    <section className={styles.banner} aria-label="Paused">
      <p>
        <strong>Paused</strong>
        {behindMs >= 1000 && ` · ${formatAge(behindMs)} behind`}
      </p>
      <Button icon="resume" onClick={resume}>
        Resume
      </Button>
    </section>
  )
}
