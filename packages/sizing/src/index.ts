export { type Bounds, checkNumber } from './check-number.ts'
