import type { Context, MiddlewareHandler } from 'hono'
import { isUpgrade } from '../shared/handshake.ts'

/**
 * Accepts browsers only from some origins (RFC 6454). Their pages may read the answers (Fetch, section 3.2: CORS).
 *
 * A browser sends the page's origin with every WebSocket and every request to another origin. Other programs send no
 * origin, or any value. So an origin does not authenticate a user. It prevents a foreign page from sending requests
 * in the name of the person who views that page.
 *
 * @param origins such as `https://lab.example.org`; undefined allows all
 * @param isOwn if true, undefined `origins` allow only the server's own origin, as `Host` gives it
 */
export function checkOrigin(origins: readonly string[] | undefined, isOwn: boolean = false): MiddlewareHandler {
  const allowed = origins && new Set(origins)
  return async (context, next) => {
    const origin = context.req.header('origin')
    const isAllowed = allowed?.has(origin ?? '') ?? (!isOwn || hostOf(origin) === context.req.header('host'))
    if (origin !== undefined && !isAllowed) {
      return context.text('Cannot be used from that origin', 403)
    }
    if (isUpgrade(context)) return next()
    // A token identifies the user, and the page itself must send it. No cookie does, so any page may read any answer.
    if (origin !== undefined) context.header('access-control-allow-origin', allowed === undefined ? '*' : origin)
    if (allowed !== undefined) context.header('vary', 'Origin', { append: true })
    if (context.req.method !== 'OPTIONS') return next()
    context.header('access-control-allow-headers', 'Authorization')
    context.header('access-control-allow-methods', 'GET')
    context.header('access-control-max-age', '600')
    return context.body(null, 204)
  }
}

/** Adds security headers to every answer: no content sniffing, no framing by other pages, no referrer from links. */
export const secureHeaders: MiddlewareHandler = async (context, next) => {
  // The runtime writes the answer that opens a WebSocket, and that answer accepts no headers. An answer that rejects
  // the WebSocket accepts them. Read the request before `next`: Deno does not allow that after the answer.
  const upgrade = isUpgrade(context)
  if (!upgrade) secure(context)
  await next()
  if (upgrade && context.res.status >= 400) secure(context)
}

function secure(context: Context): void {
  context.header('x-content-type-options', 'nosniff')
  context.header('x-frame-options', 'DENY')
  context.header('referrer-policy', 'no-referrer')
}

const hostOf = (origin: string | undefined): string | undefined =>
  origin !== undefined && URL.canParse(origin) ? new URL(origin).host : undefined
