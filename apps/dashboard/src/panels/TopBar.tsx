import { useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { useMedia } from '../lib/media.ts'
import { THEMES, useTheme } from '../lib/theme.ts'
import { IconButton } from '../ui/Button.tsx'
import { FiringBadge } from './FiringBadge.tsx'
import { LiveIndicator } from './LiveIndicator.tsx'
import { TimeControl } from './TimeControl.tsx'
import styles from './TopBar.module.css'

/** The pages there are, in the order of the bar; the key is the second of `g …`. */
export const PAGES = [
  { href: '/fleet', name: 'Fleet', key: 'f', covers: /^\/(fleet|pools)(\/|$)/ },
  { href: '/map', name: 'Map', key: 'm', covers: /^\/map(\/|$)/ },
  { href: '/servers', name: 'Servers', key: 's', covers: /^\/servers(\/|$)/ },
  { href: '/alerts', name: 'Alerts', key: 'a', covers: /^\/alerts(\/|$)/ },
  { href: '/advice', name: 'Advice', key: 'v', covers: /^\/advice(\/|$)/ },
  { href: '/size', name: 'Size', key: 'c', covers: /^\/size(\/|$)/ },
] as const

/** Where the time has no room in the bar; TopBar.module.css uses the same width, for when it stands in both places. */
const NARROW_BAR = '(max-width: 719px)'

/** The line at the top of every page: where one is, how fresh the data is, and how it looks. */
export function TopBar({ onHelp }: { onHelp: () => void }) {
  const [path] = useLocation()
  const narrow = useMedia(NARROW_BAR)
  const nav = useRef<HTMLElement>(null)
  // On a narrow screen the row is longer than what shows of it.
  useEffect(() => {
    const row = nav.current
    const here = row?.children[PAGES.findIndex(({ covers }) => covers.test(path))]
    if (row === null || !(here instanceof HTMLElement)) return
    row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.clientWidth) / 2
  }, [path])
  return (
    <>
      <header className={styles.bar}>
        <Link href="/fleet" className={styles.brand} aria-label="Poolscope, to the fleet">
          <Logo />
          <span className={styles.name}>Poolscope</span>
        </Link>
        <nav ref={nav} className={styles.nav} aria-label="Pages">
          {PAGES.map(({ href, name, covers }) => (
            <Link
              key={href}
              href={href}
              className={styles.page}
              aria-current={path === href ? 'page' : covers.test(path) ? 'true' : undefined}
            >
              {name}
              {href === '/alerts' && <FiringBadge />}
            </Link>
          ))}
        </nav>
        <div className={styles.tools}>
          {narrow !== true && (
            <div className={styles.beside}>
              <TimeControl />
            </div>
          )}
          <LiveIndicator />
          <ThemeSwitch />
          <span className={styles.keys}>
            <IconButton name="Keyboard help (?)" icon="help" onClick={onHelp} />
          </span>
        </div>
      </header>
      {narrow !== false && (
        <div className={styles.second}>
          <TimeControl />
        </div>
      )}
    </>
  )
}

function ThemeSwitch() {
  const [theme, choose] = useTheme()
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  const words = { auto: 'as the system', light: 'light', dark: 'dark' }
  return (
    <IconButton
      name={`Theme: ${words[theme]}. Change to ${words[next]}`}
      icon={theme}
      onClick={() => choose(next)}
    />
  )
}

function Logo() {
  return (
    <svg className={styles.logo} width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <path className={styles.level} d="M4.5 18a11.5 11.5 0 0 0 23 0z" />
      <circle className={styles.rim} cx="16" cy="16" r="13" fill="none" strokeWidth="3" />
      <path className={styles.limit} d="M8 11.5h16" fill="none" strokeWidth="2.5" strokeDasharray="4 2" />
    </svg>
  )
}
