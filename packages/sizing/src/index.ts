export { allenCunneen, type VariableQueueInput } from './allen-cunneen.ts'
export {
  BUDGET_PROBLEMS,
  type Budget,
  type BudgetLine,
  type BudgetProblem,
  type BudgetServer,
  type BudgetService,
  budgetOf,
} from './budget.ts'
export { type Bounds, checkNumber } from './check-number.ts'
export { erlangC, type QueueAnswer, type QueueInput } from './erlang-c.ts'
export {
  minOf,
  reserveOf,
  shareOfLimit,
  sizeFromCores,
  sizeFromWait,
  sizeWithoutDeadlock,
} from './formulas.ts'
export { checkInput, INPUT_BOUNDS, type InputName } from './input-bounds.ts'
export { type LedgerRow, ledgerOf, type WhatIf } from './ledger.ts'
export { type LittlesLawInput, littlesLaw } from './littles-law.ts'
export { CONNECTION_MEMORY, type ConnectionMemory, memoryOf } from './memory.ts'
export { PASTE_DEFAULTS, type PasteModel, type Recipe, type Snippet } from './paste/paste-model.ts'
export { RECIPES } from './paste/recipes.ts'
export {
  CAVEAT_TEXTS,
  POOL_MODES,
  POOLER_CAVEATS,
  type PoolerCaveat,
  type PoolerSettings,
  type PoolMode,
  poolerServerConnections,
} from './pgbouncer.ts'
export {
  type BoundCode,
  DEFAULT_RESERVE_RATIO,
  NOTHING_KNOWN,
  type Recommendation,
  recommend,
  type SizeBound,
  type SizeInput,
  type SizeProblem,
} from './recommend.ts'
export type { Contention } from './replay/contention.ts'
export type { Percentiles } from './replay/histogram.ts'
export { MAX_SIZE } from './replay/open-loop.ts'
export {
  type Band,
  type Prediction,
  planReplay,
  type ReplayPlan,
  type SizePrediction,
} from './replay/predict.ts'
export { nearBest, type Reason, type ReplayRecommendation } from './replay/recommend.ts'
export { createReplay, type Replay, type ReplayProgress, replay } from './replay/replay.ts'
export { type ReplayFormat, type ReplayVerdict, replayVerdict } from './replay/words.ts'
export {
  adviseMax,
  GUIDES,
  type Guide,
  KIND_CLASSES,
  type KindClass,
  type MaxAdvice,
  PRESETS,
  type Preset,
  SIZE_CLASSES,
  type SizeClass,
  type SizeWarning,
  warnOfSize,
} from './size-classes.ts'
export { sizeForWait, timeoutRatio, type WaitTarget } from './size-for-wait.ts'
export {
  checkTrace,
  knowsCallers,
  lastOf,
  MOST_CHECKOUTS,
  type Trace,
  type TracedPool,
} from './trace/trace.ts'
export { type PoolToReplay, poolToReplay } from './trace/traced-pool.ts'
export { type WhatIfBudget, type WhatIfRow, whatIf } from './what-if.ts'
