import type { ButtonHTMLAttributes } from 'react'
import { cx } from '../lib/cx.ts'
import styles from './Button.module.css'
import { Icon, type IconName } from './icons.tsx'

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  /** `quiet` has no edge until it is pointed at; `primary` is the one thing to do here. */
  look?: 'plain' | 'quiet' | 'primary'
  icon?: IconName
}

/** A push button with words on it. */
export function Button({ look = 'plain', icon, className, children, ...rest }: Props) {
  return (
    <button type="button" className={cx(styles.button, styles[look], className)} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  )
}

/** A button with a drawing only; its name is read out and shown when it is pointed at. */
export function IconButton({
  name,
  icon,
  className,
  ...rest
}: Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'name'> & { name: string; icon: IconName }) {
  return (
    <button
      type="button"
      className={cx(styles.button, styles.quiet, styles.icon, className)}
      aria-label={name}
      title={name}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  )
}
