// The agent's HTTP side as the benchmarks take it: over a fleet and a history, without sources, rules or a log.
import { Alerts } from '../dist/alerts/alerts.js'
import { buildApp } from '../dist/app.js'
import { History } from '../dist/history/history.js'
import { LiveHub } from '../dist/stream/live-hub.js'

/** Alerts that nobody is told of and nothing keeps. */
export function benchAlerts(fleet) {
  return new Alerts({
    fleet,
    rules: {},
    notifiers: [],
    publicUrl: null,
    dir: null,
    random: Math.random,
    onError: () => {},
  })
}

/** @param store of the history, `null` for none */
export async function benchApp(fleet, store, now = Date.now) {
  const alerts = benchAlerts(fleet)
  const hub = new LiveHub(fleet, 'bench', () => alerts.counts())
  const history = new History(fleet, store)
  const app = await buildApp({
    fleet,
    alerts,
    history,
    hub,
    knob: null,
    healthCompatibility: false,
    access: { token: null, host: '127.0.0.1', allowedHosts: [], allowedOrigins: [], now },
    version: 'bench',
    embedParents: [],
    dashboardDir: null,
    readOnly: false,
    reportsPerSec: 1e9,
    logger: false,
  })
  return { app, alerts, hub, history }
}
