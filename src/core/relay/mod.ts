/** Signals between users, and limits on their rate. @module */
export { type Excess, Rates } from './rates.ts'
export { Relays } from './relays.ts'
