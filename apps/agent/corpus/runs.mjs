// All labelled runs. What is measured sees of a run its number alone: labels stay here.
import { INNOCENTS } from './innocents.mjs'
import { LEAKS } from './leaks.mjs'

const SYSTEMS = ['postgresql', 'mysql']

/** Runs in an order that says nothing of their label. */
export const RUNS = SYSTEMS.flatMap((system) => [
  ...LEAKS[system].map((run) => ({ ...run, system, label: 'leak' })),
  ...INNOCENTS[system].map((run) => ({ ...run, system, label: 'innocent', leaks: 0 })),
])
  .map((run, at) => ({ run, order: (at * 29) % 101 }))
  .sort((a, b) => a.order - b.order)
  .map(({ run }, at) => ({ ...run, service: `run-${String(at + 1).padStart(2, '0')}`, row: at + 1 }))
