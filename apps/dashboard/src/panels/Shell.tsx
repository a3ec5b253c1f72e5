import { type ReactNode, Suspense, useCallback, useMemo, useState } from 'react'
import { type AroundNavHandler, Router, useLocation } from 'wouter'
import { useHotkeys } from '../lib/hotkeys.ts'
import { lazyPart } from '../lib/lazy-part.ts'
import { formatRange, withTimeOf } from '../lib/time-range.ts'
import { useZone } from '../lib/time-zone.ts'
import { addressOf, useTimeRange } from '../lib/use-time-range.ts'
import { usePause, usePhase } from '../live/hooks.ts'
import { copyText } from '../ui/CopyButton.tsx'
import { DisconnectedBanner } from './DisconnectedBanner.tsx'
import { PauseBar } from './PauseBar.tsx'
import { RangeBar } from './RangeBar.tsx'
import styles from './Shell.module.css'
import { PAGES, TopBar } from './TopBar.tsx'

const SignIn = lazyPart(() => import('./SignIn.tsx').then((part) => part.SignIn))
const HelpDialog = lazyPart(() => import('./HelpDialog.tsx').then((part) => part.HelpDialog))

/** What surrounds every page: the bar, the banners, the keys that work everywhere. Links take the time shown along. */
export function Shell({ children }: { children: ReactNode }) {
  const { from, to } = formatRange(useTimeRange())
  // A router that changes makes all links anew: only when their addresses do.
  const hrefs = useMemo(() => {
    const time = new URLSearchParams({
      ...(from !== null && { from }),
      ...(to !== null && { to }),
    }).toString()
    return (href: string) => withTimeOf(time, href)
  }, [from, to])
  return (
    <Router hrefs={hrefs} aroundNav={takeTimeAlong}>
      <Surroundings>{children}</Surroundings>
    </Router>
  )
}

const takeTimeAlong: AroundNavHandler = (navigate, to, options) =>
  navigate(withTimeOf(location.search, to), options)

function Surroundings({ children }: { children: ReactNode }) {
  const [, navigate] = useLocation()
  const [help, setHelp] = useState(false)
  const [copied, setCopied] = useState(false)
  const phase = usePhase()
  const range = useTimeRange()
  const [zone] = useZone()
  const { paused, pause, resume } = usePause()
  const closeHelp = useCallback(() => setHelp(false), [])
  useHotkeys({
    '?': () => setHelp(true),
    ' ': paused ? resume : pause,
    p: paused ? resume : pause,
    c: () => {
      copyText(location.origin + addressOf(range, zone === 'utc' ? { tz: 'utc' } : {})).then((done) => {
        setCopied(done)
        setTimeout(() => setCopied(false), 1500)
      })
    },
    ...Object.fromEntries(PAGES.map(({ key, href }) => [`g ${key}`, () => navigate(href)])),
  })
  return (
    <>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <TopBar onHelp={() => setHelp(true)} />
      <DisconnectedBanner />
      <PauseBar />
      <RangeBar />
      {/* All times on the page are written anew in another zone. */}
      <main key={zone} id="main" className={styles.main} tabIndex={-1} data-behind={phase === 'reconnecting'}>
        <Suspense>{phase === 'denied' ? <SignIn /> : children}</Suspense>
      </main>
      <Suspense>{help && <HelpDialog open onClose={closeHelp} />}</Suspense>
      <p className={styles.toast} role="status" data-shown={copied}>
        {copied ? 'Link copied' : ''}
      </p>
    </>
  )
}
