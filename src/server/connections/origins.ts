import type { Context, MiddlewareHandler } from 'hono'
import { isUpgrade } from '../shared/handshake.ts'

/**
 * Takes browsers from some origins alone (RFC 6454), and lets pages of these read the answers (Fetch, section 3.2: CORS).
 *
 * A page's origin is in every WebSocket that it opens and every request that it makes to another origin. Who is no
 * browser says none, or whatever it likes: an origin tells nothing about who asks, but keeps a stranger's page from
 * asking in the name of who looks at it.
 *
 * @param origins such as `https://lab.example.org`; undefined for all
 * @param isOwn undefined stands for the server's own origin instead, as far as `Host` tells
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
    // Who asks is told by a token that the page has to send itself: no cookie is, so that any page may read any answer.
    if (origin !== undefined) context.header('access-control-allow-origin', allowed === undefined ? '*' : origin)
    if (allowed !== undefined) context.header('vary', 'Origin', { append: true })
    if (context.req.method !== 'OPTIONS') return next()
    context.header('access-control-allow-headers', 'Authorization')
    context.header('access-control-allow-methods', 'GET')
    context.header('access-control-max-age', '600')
    return context.body(null, 204)
  }
}

/** Says of every answer that it is no script, that no other page frames it, and that links from it say nothing. */
export const secureHeaders: MiddlewareHandler = async (context, next) => {
  // The answer that begins a WebSocket is the runtime's own, and takes no headers; one that refuses it does. Behind it
  // Deno does not let the request be read any more.
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
