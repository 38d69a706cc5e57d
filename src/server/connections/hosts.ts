import type { Context, MiddlewareHandler } from 'hono'
import { type Host, isAddress, isLoopbackName, type Origin, originText, readHost } from '../shared/origin.ts'
import type { Refusals } from './refusals.ts'

/**
 * Serves only the hosts that this server was told. The owner of any other name can let it lead here ("DNS rebinding"),
 * and then its pages have the server's own origin. Nobody can do that with an address, or with `localhost`.
 *
 * @param host the address or name that the server listens on; undefined if another program listens
 * @param urls the server's public URLs
 */
export function checkHost(host: string | undefined, urls: readonly Origin[], refusals: Refusals): MiddlewareHandler {
  const names = new Set(urls.map(({ name }) => name))
  const own = readListenHost(host)
  if (own !== undefined) names.add(own)
  const anyAddress = isEveryInterface(host)
  const isOwn = ({ name }: Host) => isLoopbackName(name) || names.has(name) || (anyAddress && isAddress(name))
  return async (context, next) => {
    const asked = requestHost(context)
    if (asked !== undefined && isOwn(asked)) return next()
    const { protocol, host: name } = new URL(context.req.url)
    const url = asked && originText({ ...asked, scheme: protocol.slice(0, -1) })
    return refusals.refuse(context, 'host', context.req.header('host') || name, `--public-url ${url ?? 'URL'}`)
  }
}

/** Returns the host that a request names. Over HTTP/2 only its URL has it; undefined if it is not readable. */
export const requestHost = ({ req }: Context): Host | undefined => readHost(req.header('host') || new URL(req.url).host)

/** Whether a server that listens on this address is reachable by every address of its machine. */
export const isEveryInterface = (host: string | undefined): boolean => {
  const name = readListenHost(host)
  return name === '0.0.0.0' || name === '[::]'
}

/** Whether only the machine itself reaches a server that listens on this address. */
export const isOnlyLocal = (host: string): boolean => isLoopbackName(readListenHost(host) ?? host)

/** An address to listen on has no brackets and no port. */
const readListenHost = (host: string | undefined): string | undefined =>
  host === undefined ? undefined : readHost(host.includes(':') ? `[${host}]` : host)?.name
