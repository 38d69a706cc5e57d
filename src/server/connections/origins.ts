import type { Context, MiddlewareHandler } from 'hono'
import { isUpgrade } from '../shared/handshake.ts'
import { isLoopbackName, isWeb, type Origin, originText, portOf, readOrigin } from '../shared/origin.ts'
import { requestHost } from './hosts.ts'
import type { Refusals } from './refusals.ts'

export interface OriginRules {
  /** The origins whose pages may use the server, besides its own; undefined stands for every origin. */
  allowed: readonly Origin[] | undefined
  /** Whether a page of the browser's machine may use the server, if the server runs there too. */
  trustsLoopback: boolean
  refusals: Refusals
}

/**
 * Accepts browsers only with pages of the server's own origin and of allowed ones (RFC 6454). These pages may read the
 * answers (Fetch, section 3.2: CORS).
 *
 * A browser sends the page's origin with every WebSocket and every request to another origin. Other programs send no
 * origin, or any value. So an origin does not authenticate a user. It prevents a foreign page from sending requests
 * in the name of the person who views that page.
 */
export function checkOrigin({ allowed, trustsLoopback, refusals }: OriginRules): MiddlewareHandler {
  const texts = allowed && new Set(allowed.map(originText))
  return async (context, next) => {
    const text = context.req.header('origin')
    const upgrade = isUpgrade(context)
    // Caches must not answer one origin with what another received.
    if (!upgrade && texts !== undefined) context.header('vary', 'Origin', { append: true })
    if (text !== undefined && texts !== undefined) {
      const origin = readOrigin(text)
      const known = origin && (texts.has(originText(origin)) || isOwn(origin, context, trustsLoopback))
      // `--origin` cannot name a page without an origin, such as a file.
      if (!known) return refusals.refuse(context, 'origin', text, `--origin ${origin ? originText(origin) : "'*'"}`)
    }
    if (upgrade) return next()
    // A token identifies the user, and the page itself must send it. No cookie does, so every allowed page may read.
    if (text !== undefined) context.header('access-control-allow-origin', texts === undefined ? '*' : text)
    if (context.req.method !== 'OPTIONS') return next()
    context.header('access-control-allow-headers', 'Authorization')
    context.header('access-control-allow-methods', 'GET')
    context.header('access-control-max-age', '600')
    return context.body(null, 204)
  }
}

/** Whether a page came from the server itself, or from another port of the machine that browser and server share. */
function isOwn(origin: Origin, context: Context, trustsLoopback: boolean): boolean {
  const host = requestHost(context)
  if (host === undefined || !isWeb(origin)) return false
  if (trustsLoopback && isLoopbackName(host.name) && isLoopbackName(origin.name)) return true
  // Over plain HTTP, the scheme is unknown: a proxy in front may speak HTTPS with the browser.
  if (origin.scheme === 'http' && new URL(context.req.url).protocol === 'https:') return false
  return origin.name === host.name && portOf(origin, origin.scheme) === portOf(host, origin.scheme)
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
