export { allenCunneen, type VariableQueueInput } from './allen-cunneen.ts'
export { type Bounds, checkNumber } from './check-number.ts'
export { erlangC, type QueueAnswer, type QueueInput } from './erlang-c.ts'
export { type LittlesLawInput, littlesLaw } from './littles-law.ts'
