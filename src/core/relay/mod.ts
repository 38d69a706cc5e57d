/** Relays signals between users, and limits their rate. @module */
export { type Excess, Rates } from './rates.ts'
export { Relays } from './relays.ts'
