import { StepError, stopChildren } from './workspace.mjs'

/** Runs a script: a failed step is one line and exit code 1, a signal ends what it started and then this. */
export async function main(work, codeOnSignal = 0) {
  const stop = (signal) => {
    stopChildren(signal)
    process.exit(codeOnSignal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, stop)
  try {
    // What it hands back runs on its own, with its own signals.
    const next = await work()
    for (const signal of signals) process.off(signal, stop)
    await next?.()
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    console.error(error.message)
    process.exit(1)
  }
}
