// The agent's HTTP side over a store, without sources.
import { Fleet } from '../dist/fleet/fleet.js'
import { WorkerStore } from '../dist/history/worker-store.js'
import { benchApp } from './bench-app.mjs'

export async function serveHistory({ dir, tiers, nowMs }) {
  const now = typeof nowMs === 'function' ? nowMs : () => nowMs
  const fleet = new Fleet({ now, tickMs: 1000 })
  const store = await WorkerStore.open({
    dir,
    tiers,
    budgetBytes: 2 ** 40,
    now: Date.now,
    onChange: ({ state, message }) => console.log('the store is', state, message),
  })
  const { app, hub, history } = await benchApp(fleet, store)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const stop = async () => {
    hub.close()
    await app.close()
    await store.close()
  }
  return { url, fleet, hub, history, stop }
}
