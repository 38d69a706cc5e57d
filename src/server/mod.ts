/** The server: a hono app, and what starts it on Bun, Deno or Node. @module */
export { type AppOptions, createApp } from './app.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'
