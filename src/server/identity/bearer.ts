import type { Context, Handler } from 'hono'
import type { Asker, Identity, WebRTCService } from '../../core/mod.ts'
import { SignalError } from '../../protocol/mod.ts'

/**
 * Answers with JSON who says who it is as well as a WebSocket's user has to: with a token, in the header `Authorization`
 * (RFC 6750, section 2.1) and never in the URL, which ends up in logs.
 *
 * @param identityOf what the host says of who asks
 */
export function answerBearer(
  service: WebRTCService,
  identityOf: (context: Context) => Identity | undefined,
  answer: (asker: Asker) => unknown,
): Handler {
  return async (context) => {
    context.header('cache-control', 'no-store')
    try {
      return context.json(await answer(await service.identify(tokenOf(context), identityOf(context))))
    } catch (cause) {
      if (!(cause instanceof SignalError)) throw cause
      context.header('www-authenticate', 'Bearer')
      return context.json(cause.toJSON(), 401)
    }
  }
}

const tokenOf = (context: Context): string | undefined =>
  /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1]
