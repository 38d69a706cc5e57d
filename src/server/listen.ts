import type { Hono } from 'hono'
import { runtime } from './runtime/mod.ts'
import { isAddressInUse, type Listener, type ListenOptions } from './runtime/port.ts'

/** The server cannot listen on an address, or cannot use the certificate. The message is for the operator. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

/**
 * Starts listening.
 *
 * @param flag the option that sets this port, for the error
 * @throws ListenError if the port is in use, the address is not available, or the certificate is invalid
 */
export async function listen(app: Hono, options: ListenOptions, flag: '--port' | '--metrics-port'): Promise<Listener> {
  try {
    return await runtime.listen(app, options)
  } catch (cause) {
    const { host, port, tls } = options
    const why = isAddressInUse(cause)
      ? `: the port is in use; choose another with ${flag}`
      : `${tls === undefined ? '' : ' with that certificate and key'}: ${(cause as Error).message}`
    throw new ListenError(`Cannot listen on ${host}:${port}${why}`, { cause })
  }
}
