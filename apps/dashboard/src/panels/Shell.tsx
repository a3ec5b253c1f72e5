import { type ReactNode, Suspense, useCallback, useState } from 'react'
import { useLocation } from 'wouter'
import { useHotkeys } from '../lib/hotkeys.ts'
import { lazyPart } from '../lib/lazy-part.ts'
import { usePause, usePhase } from '../live/hooks.ts'
import { copyText } from '../ui/CopyButton.tsx'
import { DisconnectedBanner } from './DisconnectedBanner.tsx'
import { PauseBar } from './PauseBar.tsx'
import styles from './Shell.module.css'
import { PAGES, TopBar } from './TopBar.tsx'

const SignIn = lazyPart(() => import('./SignIn.tsx').then((part) => part.SignIn))
const HelpDialog = lazyPart(() => import('./HelpDialog.tsx').then((part) => part.HelpDialog))

/** What surrounds every page: the bar, the banners, the keys that work everywhere. */
export function Shell({ children }: { children: ReactNode }) {
  const [, navigate] = useLocation()
  const [help, setHelp] = useState(false)
  const [copied, setCopied] = useState(false)
  const phase = usePhase()
  const { paused, pause, resume } = usePause()
  const closeHelp = useCallback(() => setHelp(false), [])
  useHotkeys({
    '?': () => setHelp(true),
    ' ': paused ? resume : pause,
    c: () => {
      copyText(location.href).then((done) => {
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
      <main id="main" className={styles.main} tabIndex={-1} data-behind={phase === 'reconnecting'}>
        <Suspense>{phase === 'denied' ? <SignIn /> : children}</Suspense>
      </main>
      <Suspense>{help && <HelpDialog open onClose={closeHelp} />}</Suspense>
      <p className={styles.toast} role="status" data-shown={copied}>
        {copied ? 'Link copied' : ''}
      </p>
    </>
  )
}
