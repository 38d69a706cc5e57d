/** The server: a hono app, and a function that starts it on Bun, Deno or Node. @module */
export type { Identity } from '../core/mod.ts'
export { type AppOptions, createApp, createService } from './app.ts'
export type { WebOptions } from './connections/web-options.ts'
export type { Identify } from './identity/identities.ts'
export type { TokenOptions } from './identity/tokens.ts'
export { createLog, type Log, type LogFields, type LogFormat, type LogLevel, type LogOptions } from './metrics/log.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'
