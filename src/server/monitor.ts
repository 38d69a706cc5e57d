import { Hono } from 'hono'
import type { WebRTCService } from '../core/mod.ts'
import { secureHeaders } from './connections/origins.ts'
import type { Log } from './metrics/log.ts'
import { type ServerMetrics, writeMetrics } from './metrics/server-metrics.ts'
import type { Addresses } from './shared/addresses.ts'

/**
 * Creates the app for the operator's tools:
 *
 * - `GET /healthz`: 200 while the process is alive
 * - `GET /readyz`: 200, or 503 if the server accepts no new connections
 * - `GET /metrics`: all counts, in Prometheus' text format
 */
export function createMonitor(service: WebRTCService, metrics: ServerMetrics, addresses: Addresses, log: Log): Hono {
  const app = new Hono().use(secureHeaders).route('/', createHealth(service))
  return app.get('/metrics', (context) =>
    context.body(writeMetrics(service, metrics, addresses, log), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    }),
  )
}

export function createHealth(service: WebRTCService): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => context.text('ok'))
  app.get('/readyz', (context) => (service.accepting ? context.text('ready') : context.text('draining', 503)))
  return app
}
