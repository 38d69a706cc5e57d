import type { Context, Handler } from 'hono'
import type { Asker, Identity, WebRTCService } from '../../core/mod.ts'
import { SignalError } from '../../protocol/mod.ts'

/**
 * Answers a request with JSON. It requires the same token as a WebSocket does, in the header `Authorization` (RFC 6750,
 * section 2.1). The token is never in the URL, because URLs end up in logs.
 *
 * @param identityOf returns the identity that the host established for a request's user, if it did
 * @param answer returns what to answer to a user
 * @returns a handler that answers 401 if the service does not accept the user
 */
export function answerBearer(
  service: WebRTCService,
  identityOf: (context: Context) => Identity | undefined,
  answer: (asker: Asker) => unknown,
): Handler {
  return async (context) => {
    context.header('cache-control', 'no-store')
    try {
      const found = await answer(await service.identify(tokenOf(context), identityOf(context)))
      const bytes = new TextEncoder().encode(JSON.stringify(found))
      return context.body(bytes, 200, { 'content-type': 'application/json', 'content-length': `${bytes.length}` })
    } catch (cause) {
      if (!(cause instanceof SignalError)) throw cause
      context.header('www-authenticate', 'Bearer')
      return context.json(cause.toJSON(), 401)
    }
  }
}

const tokenOf = (context: Context): string | undefined =>
  /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1]
