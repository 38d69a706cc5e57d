import type { Context, MiddlewareHandler } from 'hono'

/** Whether a request asks for a WebSocket. Some clients ask for HTTP/2 with the same header. */
export const isUpgrade = (context: Context): boolean => context.req.header('upgrade')?.toLowerCase() === 'websocket'

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/

/**
 * Rejects requests that would make a runtime throw; the runtimes differ in this. It rejects:
 *
 * - a request without a host
 * - a WebSocket request without a key, or with a version other than 13 (RFC 6455, sections 4.2.1 and 4.4)
 */
export const checkHandshake: MiddlewareHandler = async (context, next) => {
  if (!URL.canParse(context.req.url)) return context.text('Cannot read that request', 400)
  if (!isUpgrade(context)) return next()
  if (!KEY.test(context.req.header('sec-websocket-key') ?? '')) return context.text('Cannot read that handshake', 400)
  if (context.req.header('sec-websocket-version') === '13') return next()
  return context.text('Cannot take that version', 426, { 'sec-websocket-version': '13' })
}
