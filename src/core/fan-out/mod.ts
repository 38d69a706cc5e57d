/** Charges users for what their requests make the service send. @module */
export { FanOut } from './fan-out.ts'
