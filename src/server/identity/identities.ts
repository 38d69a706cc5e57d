import type { Context, MiddlewareHandler } from 'hono'
import type { Identity } from '../../core/mod.ts'
import { isUpgrade } from '../shared/handshake.ts'

/** Who asks, as a host knows it; undefined for nobody that it knows. */
export type Identify = (context: Context) => Identity | undefined | Promise<Identity | undefined>

/**
 * Finds out once for each request who asks.
 *
 * @param identify undefined where nobody says
 */
export function identities(identify: Identify | undefined): {
  /** For a path of the app; at `/`, where the page is too, for WebSockets alone. */
  identifyAt(path: string): MiddlewareHandler
  identityOf(context: Context): Identity | undefined
} {
  const known = new WeakMap<Request, Identity>()
  return {
    identifyAt: (path) => async (context, next) => {
      const isPage = path === '/' && !isUpgrade(context)
      if (identify === undefined || isPage) return next()
      const identity = await identify(context)
      if (identity === undefined) return context.text('Cannot let you in without knowing who you are', 401)
      known.set(context.req.raw, identity)
      return next()
    },
    identityOf: ({ req }) => known.get(req.raw),
  }
}
