/** The wire format: ops, frames, the JSON envelope, requests and errors. @module */
export * from './both-ends.ts'
export * from './codec.ts'
export * from './items.ts'
export * from './requests.ts'
