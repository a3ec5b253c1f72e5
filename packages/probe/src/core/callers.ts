import { AsyncLocalStorage } from 'node:async_hooks'
import diagnosticsChannel from 'node:diagnostics_channel'

/** Node publishes here when one of its HTTP servers begins with a request. */
const REQUEST_START = 'http.server.request.start'

let requests: AsyncLocalStorage<number> | null = null
let lastId = 0

/**
 * Answers which request of this process's HTTP servers the running code works for, as a number from 1 on, 0 outside of
 * one. The first call begins to number requests; from then on every asynchronous step costs a little.
 */
export function callerOfRequest(): () => number {
  const store = requests ?? numberRequests()
  return () => store.getStore() ?? 0
}

function numberRequests(): AsyncLocalStorage<number> {
  const store = new AsyncLocalStorage<number>()
  diagnosticsChannel.subscribe(REQUEST_START, () => {
    lastId = lastId === 0xffff_ffff ? 1 : lastId + 1
    store.enterWith(lastId)
  })
  requests = store
  return store
}
