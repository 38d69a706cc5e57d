import type { Context, MiddlewareHandler } from 'hono'
import type { Identity } from '../../core/mod.ts'
import { isUpgrade } from '../shared/handshake.ts'

/** Returns the identity of a request's user; undefined if the host does not know the user. */
export type Identify = (context: Context) => Identity | undefined | Promise<Identity | undefined>

/**
 * Identifies the user of each request, once for each request.
 *
 * @param identify undefined if the host does not identify users
 */
export function identities(identify: Identify | undefined): {
  /**
   * Returns the middleware for a path of the app; it answers 401 to unknown users. At `/` it checks only WebSockets,
   * because the page is there too.
   */
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
