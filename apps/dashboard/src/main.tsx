import './styles/tokens.css'
import './styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { fetchJson } from './api/fetch-json.ts'
import { readAheadOf } from './lib/replay-ahead.ts'
import { browserEnvironment } from './live/environment.ts'
import { LiveProvider } from './live/LiveProvider.tsx'
import { LiveStore } from './live/live-store.ts'
import { Shell } from './panels/Shell.tsx'
import { Routes } from './routes.tsx'

readAheadOf(location)
const store = new LiveStore(browserEnvironment(fetchJson))
const root = document.getElementById('root')

if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <LiveProvider store={store}>
        <Shell>
          <Routes />
        </Shell>
      </LiveProvider>
    </StrictMode>,
  )
}
