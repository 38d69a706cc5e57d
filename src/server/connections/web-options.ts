import type { MiddlewareHandler } from 'hono'
import { readOrigin, readPublicUrl } from '../shared/origin.ts'
import { checkHost, isOnlyLocal } from './hosts.ts'
import { checkOrigin } from './origins.ts'
import type { Refusals } from './refusals.ts'

/** Which pages may use a server, and under which names it serves them. */
export interface WebOptions {
  /**
   * Origins whose pages may use the server besides its own pages, such as `https://lab.example.org`; `*` for all.
   *
   * @default none. Every origin of this machine, such as `http://localhost:5173`, if the browser connects to this machine
   * too, unless there is `identify`, or `host` of `serve` is not of this machine alone
   */
  origins?: readonly string[]
  /**
   * URLs under which people reach the server by a name or through a proxy, such as `https://streams.example.org`. Pages of
   * these URLs are its own. For a host that is neither one of these, nor `host` of `serve`, nor `localhost`, it answers 421.
   *
   * @default none; if another program than `serve` listens, the server then serves every host
   */
  publicUrls?: readonly string[]
}

export interface WebContext {
  /** The address that the server listens on; undefined if another program listens. */
  host: string | undefined
  /** Whether the host identifies users, for example by a cookie. */
  identifies: boolean
  refusals: Refusals
}

/**
 * Creates the checks of a request's `Host` and `Origin`.
 *
 * @throws RangeError if an origin or a URL is not valid
 */
export function webChecks(
  { origins = [], publicUrls = [] }: WebOptions,
  { host, identifies, refusals }: WebContext,
): { host: MiddlewareHandler; origin: MiddlewareHandler } {
  const urls = publicUrls.map(
    (text) => readPublicUrl(text) ?? fail(`A public URL must be like ${EXAMPLE}: it is ${text}`),
  )
  const allowed = origins
    .filter((text) => text !== '*')
    .map((text) => readOrigin(text) ?? fail(`An origin must be like ${EXAMPLE}, or *: it is ${text}`))
  const servesAll = host === undefined && urls.length === 0
  return {
    host: servesAll ? (_, next) => next() : checkHost(host, urls, refusals),
    origin: checkOrigin({
      allowed: origins.includes('*') ? undefined : [...urls, ...allowed],
      // A browser sends its cookies to every port of a host, so a page of another port must not use an identity.
      trustsLoopback: !identifies && (host === undefined || isOnlyLocal(host)),
      refusals,
    }),
  }
}

const EXAMPLE = 'https://lab.example.org'

function fail(message: string): never {
  throw new RangeError(message)
}
