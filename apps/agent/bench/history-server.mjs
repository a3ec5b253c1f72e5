// The agent's HTTP side over a store, without sources.
import { Alerts } from '../dist/alerts/alerts.js'
import { buildApp } from '../dist/app.js'
import { Fleet } from '../dist/fleet/fleet.js'
import { History } from '../dist/history/history.js'
import { WorkerStore } from '../dist/history/worker-store.js'
import { LiveHub } from '../dist/stream/live-hub.js'

export async function serveHistory({ dir, tiers, nowMs }) {
  const now = typeof nowMs === 'function' ? nowMs : () => nowMs
  const fleet = new Fleet({ now, tickMs: 1000 })
  const alerts = new Alerts({
    fleet,
    rules: {},
    notifiers: [],
    publicUrl: null,
    dir: null,
    random: Math.random,
    onError: () => {},
  })
  const hub = new LiveHub(fleet, 'bench', () => alerts.counts())
  const store = await WorkerStore.open({
    dir,
    tiers,
    budgetBytes: 2 ** 40,
    now: Date.now,
    onChange: ({ state, message }) => console.log('the store is', state, message),
  })
  const history = new History(fleet, store)
  const app = await buildApp({
    fleet,
    alerts,
    history,
    hub,
    knob: null,
    healthCompatibility: false,
    access: { token: null, host: '127.0.0.1', allowedHosts: [], allowedOrigins: [], now: Date.now },
    version: 'bench',
    embedParents: [],
    dashboardDir: null,
    readOnly: false,
    reportsPerSec: 1e6,
    logger: false,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const stop = async () => {
    hub.close()
    await app.close()
    await store.close()
  }
  return { url, fleet, hub, history, stop }
}
