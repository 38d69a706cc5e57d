import type { Context, MiddlewareHandler } from 'hono'

/**
 * What browsers check and say, for everything but the page: from which origins the server may be used (RFC 6454), and
 * that what it sends is nothing to run or to frame.
 *
 * A page's origin is in every WebSocket that it opens and every request that it makes to another origin. Who is no
 * browser says none, or whatever it likes: an origin tells nothing about who asks, but keeps a stranger's page from
 * asking in the name of who looks at it.
 *
 * @param origins such as `https://lab.example.org`; undefined for all
 */
export function checkOrigin(origins: readonly string[] | undefined): MiddlewareHandler {
  const allowed = origins && new Set(origins)
  return async (context, next) => {
    const origin = context.req.header('origin')
    if (origin !== undefined && allowed !== undefined && !allowed.has(origin)) {
      return context.text('Cannot be used from that origin', 403, secureHeaders)
    }
    // The answer to a WebSocket is the runtime's own, and takes no headers.
    if (context.req.header('upgrade') !== undefined) return next()
    if (context.req.method === 'OPTIONS') return preflight(context, origin, allowed)
    await next()
    for (const [name, value] of Object.entries(secureHeaders)) context.header(name, value)
    allow(context, origin, allowed)
  }
}

/** What no answer of ours is: a script, a frame, or a reason to say where somebody comes from. */
export const secureHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
}

/** Who asks is told by a token that the page has to send itself, so that any page may be told of any answer. */
function allow(context: Context, origin: string | undefined, allowed: ReadonlySet<string> | undefined): void {
  if (origin === undefined) return
  context.header('access-control-allow-origin', allowed === undefined ? '*' : origin)
  if (allowed !== undefined) context.header('vary', 'Origin', { append: true })
}

/** A page may send a token (Fetch, section 4.8: CORS-preflight). */
function preflight(context: Context, origin: string | undefined, allowed: ReadonlySet<string> | undefined): Response {
  allow(context, origin, allowed)
  context.header('access-control-allow-headers', 'Authorization')
  context.header('access-control-allow-methods', 'GET')
  context.header('access-control-max-age', '600')
  return context.body(null, 204)
}
