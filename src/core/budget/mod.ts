/** Bounds the memory in which messages wait for users. @module */
export { Budget } from './budget.ts'
export { CountedReplay } from './counted-replay.ts'
