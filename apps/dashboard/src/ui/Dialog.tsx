import { type ReactNode, useEffect, useId, useRef } from 'react'
import { cx } from '../lib/cx.ts'
import { IconButton } from './Button.tsx'
import styles from './Dialog.module.css'

/** A modal window on the native dialog: Esc, the cross and a click beside it close it. */
export function Dialog({
  title,
  open,
  onClose,
  place = 'middle',
  children,
}: {
  title: string
  open: boolean
  onClose: () => void
  /** `bar` hangs from the right end of the page's bar and leaves the page in sight. */
  place?: 'middle' | 'bar'
  children: ReactNode
}) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    if (dialog === null || dialog.open === open) return
    if (open) dialog.showModal()
    else dialog.close()
  }, [open])
  useEffect(() => {
    const dialog = ref.current
    if (dialog === null) return
    const onPress = (event: MouseEvent) => {
      if (event.target === dialog) onClose()
    }
    dialog.addEventListener('click', onPress)
    return () => dialog.removeEventListener('click', onPress)
  }, [onClose])
  return (
    <dialog
      ref={ref}
      className={cx(styles.dialog, place === 'bar' && styles.bar)}
      aria-labelledby={id}
      onClose={onClose}
    >
      <div className={styles.inner}>
        <header className={styles.header}>
          <h2 id={id}>{title}</h2>
          <IconButton name="Close" icon="close" onClick={onClose} />
        </header>
        {open && children}
      </div>
    </dialog>
  )
}
