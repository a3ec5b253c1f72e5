import type { ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { Router } from 'wouter'
import { fetchJson } from './api/fetch-json.ts'
import { browserEnvironment } from './live/environment.ts'
import { LiveContext } from './live/hooks.ts'
import { LiveStore } from './live/live-store.ts'
import { FleetPage } from './pages/FleetPage.tsx'
import { Shell } from './panels/Shell.tsx'
import { PAGES } from './panels/TopBar.tsx'
import { Notice } from './ui/Notice.tsx'
import { Skeleton } from './ui/Skeleton.tsx'

/** The first part of a page's address, and what of the page needs neither data nor a script that is loaded later. */
const FIRST: Readonly<Record<string, ReactNode>> = {
  ...Object.fromEntries(PAGES.map(({ href }) => [href.slice(1), <Skeleton key={href} what="the page" />])),
  fleet: <FleetPage />,
  pools: <Skeleton what="the page" />,
  // Every other page: none of those in the bar.
  page: <Skeleton what="the page" />,
}

/**
 * What each page is painted with before its scripts have run, by the first part of its address: the page's own
 * components, rendered when the dashboard is built, so that the two cannot differ. The page takes their place as a
 * whole; until then what would not answer is inert, and the links of the bar lead on as they are.
 */
export function shells(): Record<string, string> {
  const store = new LiveStore(browserEnvironment(fetchJson))
  return Object.fromEntries(
    Object.entries(FIRST).map(([name, content]) => [
      name,
      renderToStaticMarkup(
        <Router ssrPath={`/${name}`}>
          <LiveContext value={store}>
            <Shell>
              <Unscripted />
              <div inert>{content}</div>
            </Shell>
          </LiveContext>
        </Router>,
      ),
    ]),
  )
}

/** What is left to do where scripts are switched off, or, told by `public/start.js`, do not come. */
function Unscripted() {
  return (
    <>
      <noscript>
        <Notice status="critical" title="This page needs JavaScript">
          <p>
            It shows live data. The same numbers are at <a href="/api/v1/fleet">/api/v1/fleet</a> and{' '}
            <a href="/metrics">/metrics</a>; <a href="/guide/getting-started.html">the guide</a> can be read
            as it is.
          </p>
        </Notice>
      </noscript>
      <div id="unloaded" hidden>
        <Notice status="critical" title="The scripts of this page did not come">
          <p>The agent may have stopped, or something on the way holds them back: load the page again.</p>
        </Notice>
      </div>
    </>
  )
}
