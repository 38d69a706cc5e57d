import type { Context, MiddlewareHandler } from 'hono'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import type { RequestRates } from '../shared/request-rates.ts'
import type { RequestTurns } from '../shared/turns.ts'

/** This many bytes of an answer count as one more request. */
const ANSWER_BYTES = 10_000

/**
 * Answers 429 (RFC 6585, section 4) to an address that sends too many requests. Answers that a client requests and
 * does not read are bounded by this too.
 *
 * @param addressOf returns the address that a request comes from; empty if it is unknown
 */
export function limitRequests(
  rates: RequestRates,
  addressOf: (context: Context) => string,
  metrics: ServerMetrics,
): MiddlewareHandler {
  return async (context, next) => {
    const address = addressOf(context)
    const wait = rates.take(address)
    if (wait > 0) {
      metrics.limitedRequests++
      return context.text('Cannot answer: too many requests from this address', 429, {
        'retry-after': String(Math.ceil(wait)),
        // The origin is not checked yet. The answer says nothing about users, so any page may read it.
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'Retry-After',
      })
    }
    await next()
    rates.charge(address, Number(context.res.headers.get('content-length') ?? 0) / ANSWER_BYTES)
  }
}

/** Lets requests wait for their turn, so that many of them delay no signal for long. */
export function takeTurns(turns: RequestTurns): MiddlewareHandler {
  return async (_, next) => {
    const turn = turns.enter()
    if (turn !== undefined) await turn
    return next()
  }
}
