import type { IceServer, WebRTCService } from '../core/mod.ts'
import { type AppOptions, createApps, createService } from './app.ts'
import { isEveryInterface, isOnlyLocal } from './connections/hosts.ts'
import { readIceServers } from './ice-servers.ts'
import { checkKeyFile } from './identity/tokens.ts'
import { listen } from './listen.ts'
import { watchDescriptors } from './metrics/descriptors.ts'
import { createLog } from './metrics/log.ts'
import type { ServerMetrics } from './metrics/server-metrics.ts'
import { runtime } from './runtime/mod.ts'
import type { Listener } from './runtime/port.ts'

/** The options of a server: those of its app, and where it listens. */
export interface ServeOptions extends AppOptions {
  /** TCP port; 0 picks a free one. @default 8080 */
  port?: number
  /** Address to listen on; `0.0.0.0` stands for every interface. @default 'localhost', which is this machine alone */
  host?: string
  /** A JSON file with more ICE servers, in the form of `iceServers`. */
  iceServersFile?: string
  /** Certificate chain and private key in PEM, for `https` and `wss` without a proxy. @default none */
  tls?: { cert: string; key: string }
  /** A separate port for `/metrics`, `/healthz` and `/readyz`; 0 picks a free one. @default none: all on one port */
  metricsPort?: number
}

/** A server that listens. */
export interface RunningServer {
  /** The users and rooms of the server. */
  service: WebRTCService
  /** The TCP port that it listens on: the free one that was picked if the option is 0. */
  port: number
  /** URL of the page, such as `http://localhost:8080/`. */
  url: string
  /** URL of `/metrics`. */
  metricsUrl: string
  /**
   * Stops accepting connections, and closes the open ones with 1012, one after the other. Then closes the server.
   *
   * @param duration milliseconds over which the server spreads the closes
   */
  drain(duration: number): Promise<void>
  /** Closes every connection with 1001, then the server. */
  close(): Promise<void>
}

const DEFAULT_PORT = 8080
const DEFAULT_HOST = 'localhost'

/** How long clients may take to answer a closing handshake, in milliseconds. */
const CLOSE_GRACE = 1_000

/**
 * Starts the server on the current runtime. A client has the time of `limits.helloTime` to send a request.
 *
 * @throws ListenError if the server cannot listen on the address, or cannot use the certificate
 * @throws FileError if the server cannot read a file that the options name
 * @throws UsageError if such a file has invalid content
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
  const { port = DEFAULT_PORT, host = DEFAULT_HOST, tls, metricsPort, tokens, log = createLog() } = options
  if (tokens !== undefined && options.service === undefined) await checkKeyFile(tokens, runtime.readText)
  const service = options.service ?? createService({ ...options, log, iceServers: await allIceServers(options) })
  const { frameBytes, helloTime: requestTime } = service.limits
  const { app, monitor, metrics } = createApps({ ...options, log, service }, host)
  if (metricsPort === undefined) app.route('/', monitor)
  const descriptors = watchDescriptors(runtime.hasFreeDescriptor, metrics, log)
  const bounds = { host, frameBytes, requestTime, onfault: descriptors.failed }
  const listener = await listen(app, { port, tls, ...bounds }, '--port').catch((cause) => {
    descriptors.stop()
    throw cause
  })
  const url = `${tls === undefined ? 'http' : 'https'}://${urlHost(host)}:${listener.port}/`
  let monitorListener: Listener | undefined
  const close = async (): Promise<void> => {
    service.close()
    descriptors.stop()
    await listener.stop(CLOSE_GRACE)
    await monitorListener?.stop(0)
    log.write('info', 'closed')
  }
  if (metricsPort !== undefined) {
    monitorListener = await listen(monitor, { port: metricsPort, ...bounds }, '--metrics-port').catch(async (cause) => {
      await close()
      throw cause
    })
  }
  const metricsUrl =
    monitorListener === undefined ? `${url}metrics` : `http://${urlHost(host)}:${monitorListener.port}/metrics`
  const names = [isEveryInterface(host) ? 'every address' : host, ...(options.publicUrls ?? [])].join(', ')
  log.write('info', 'listening', { url, metrics: metricsUrl, hosts: names })
  if (!service.requiresToken && options.identify === undefined && !isOnlyLocal(host)) {
    log.write('warn', 'open', { host, why: 'everybody who reaches the server can use it (--jwt-secret, --jwks)' })
  }
  return {
    service,
    port: listener.port,
    url,
    metricsUrl,
    async drain(duration) {
      log.write('info', 'draining', { connections: service.users.size, seconds: duration / 1_000 })
      await service.drain(duration)
      await answered(metrics)
      await close()
    },
    close,
  }
}

async function allIceServers({ iceServers = [], iceServersFile: file }: ServeOptions): Promise<IceServer[]> {
  return file === undefined ? iceServers : [...iceServers, ...readIceServers(await runtime.readText(file), file)]
}

/** Waits until all clients have answered the closing handshake. Otherwise the listener would cut some of them. */
async function answered(metrics: ServerMetrics): Promise<void> {
  const deadline = performance.now() + CLOSE_GRACE
  while (metrics.open > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Returns the host as a browser on this machine can use it in a URL. */
const urlHost = (host: string): string => {
  if (isEveryInterface(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
