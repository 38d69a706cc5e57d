import type { IceServer, WebRTCService } from '../core/mod.ts'
import { type AppOptions, createApp, newService } from './app.ts'
import { readIceServers } from './ice-servers.ts'
import { runtime } from './runtime/mod.ts'

export interface ServeOptions extends AppOptions {
  /** TCP port; 0 picks a free one. @default 8080 */
  port?: number
  /** Address to listen on; `0.0.0.0` for every interface. @default 'localhost', which is this machine alone */
  host?: string
  /** A JSON file with more ICE servers, as `iceServers` has them. */
  iceServersFile?: string
}

export interface RunningServer {
  service: WebRTCService
  port: number
  /** Where the page is, such as `http://localhost:8080/`. */
  url: string
  /** Closes every connection with 1001, then the server. */
  close(): Promise<void>
}

const DEFAULT_PORT = 8080
const DEFAULT_HOST = 'localhost'

/** What a server listens on, given or by default. */
export const addressOf = ({
  port = DEFAULT_PORT,
  host = DEFAULT_HOST,
}: ServeOptions): { port: number; host: string } => ({
  port,
  host,
})

/** How long clients have to answer a closing handshake, in milliseconds. */
const CLOSE_GRACE = 1_000

/**
 * Starts the server on the runtime at hand.
 *
 * @throws Error where the address cannot be listened on
 *
 * @example
 * ```ts
 * import { serve } from 'datastreams-webrtc'
 *
 * const server = await serve({ port: 0 })
 * console.log(server.url) // such as http://localhost:40123/
 * await server.close()
 * ```
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const { port, host } = addressOf(options)
  const service = options.service ?? newService({ ...options, iceServers: await allIceServers(options) })
  const { frameBytes } = service.limits
  const listener = await runtime.listen(createApp({ ...options, service }), { port, host, frameBytes })
  return {
    service,
    port: listener.port,
    url: `http://${urlHost(host)}:${listener.port}/`,
    async close() {
      service.close()
      await listener.stop(CLOSE_GRACE)
    },
  }
}

async function allIceServers({ iceServers = [], iceServersFile: file }: ServeOptions): Promise<IceServer[]> {
  return file === undefined ? iceServers : [...iceServers, ...readIceServers(await runtime.readText(file), file)]
}

/** A host as a browser on this machine can be given it. */
const urlHost = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
