export * from './advice.ts'
export * from './alert.ts'
export * from './annotation.ts'
export * from './black-box.ts'
export * from './budget.ts'
export * from './embed.ts'
export * from './errors.ts'
export * from './fleet.ts'
export * from './histogram.ts'
export * from './history.ts'
export * from './knob.ts'
export * from './live.ts'
export * from './merge-traces.ts'
export * from './names.ts'
export * from './report.ts'
export * from './server.ts'
export {
  decodeTrace,
  encodeTrace,
  TRACE_LIMITS,
  type TraceBlock,
  traceHeader,
} from './trace.ts'
export * from './words.ts'
