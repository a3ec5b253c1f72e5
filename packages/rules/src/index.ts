export * from './advice.ts'
export * from './cause.ts'
export * from './lists.ts'
export { isStill } from './pools.ts'
export * from './registry.ts'
export {
  type Finding,
  type GroupRule,
  judging,
  type Need,
  type Rule,
  type ServerRule,
  type Settings,
} from './rule.ts'
export * from './windows.ts'
