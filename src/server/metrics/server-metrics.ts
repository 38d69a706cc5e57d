import type { WebRTCService } from '../../core/mod.ts'
import type { Addresses } from '../shared/addresses.ts'
import { Histogram } from './histogram.ts'
import type { Log } from './log.ts'
import { PrometheusText, type Sample } from './prometheus.ts'

/** The server's counts, in addition to those of its service. */
export interface ServerMetrics {
  /** Opened connections, and those of them that the server rejected because their address had too many. */
  accepted: number
  refused: number
  /** HTTP requests that the server refused because their address sent too many. */
  limitedRequests: number
  /** How often the server could accept no connection because no file descriptor was free. */
  notAccepting: number
  /** Requests that the server refused because of the page's origin, or of the host that they name. */
  foreign: Record<'origin' | 'host', number>
  /** Connections with a message that the runtime rejected for its size. */
  tooLarge: number
  /** Open connections, including those without a user. */
  open: number
  /** Closed connections, by close code. */
  closed: Map<string, number>
  /** Bytes of messages that wait for their turn, and 200 for each message. */
  unhandled: number
  /** Time from a signal's turn until it has passed on the last byte, in seconds. */
  relayTime: Histogram
  /** How late the event loop runs a timer, in seconds. */
  eventLoopLag: Histogram
}

export const newMetrics = (): ServerMetrics => ({
  accepted: 0,
  refused: 0,
  limitedRequests: 0,
  notAccepting: 0,
  foreign: { origin: 0, host: 0 },
  tooLarge: 0,
  open: 0,
  closed: new Map(),
  unhandled: 0,
  relayTime: new Histogram(),
  eventLoopLag: new Histogram(),
})

/** The close codes of PROTOCOL.md. Clients can send others; these share one label, or each would add a label. */
const CODES: ReadonlySet<number> = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 4000, 4001, 4002, 4003,
])

export function countClose({ closed }: ServerMetrics, code: number): void {
  const label = CODES.has(code) ? String(code) : 'other'
  closed.set(label, (closed.get(label) ?? 0) + 1)
}

/** Returns all counts in Prometheus' text format. The text contains no id, name or address. */
export function writeMetrics(service: WebRTCService, metrics: ServerMetrics, addresses: Addresses, log?: Log): string {
  service.measure()
  const { counts, users, rooms } = service
  const { recovered, displaced, refused, expired, overflowed } = counts.resumed
  let peers = 0
  for (const room of rooms.values()) peers += room.peers.size
  return new PrometheusText()
    .gauge('datastreams_ready', '1 while new connections are accepted', service.accepting ? 1 : 0)
    .gauge('datastreams_connections', 'Users with a connection', users.size - counts.waiting)
    .gauge('datastreams_sockets', 'Open WebSockets, also those that are being closed', metrics.open)
    .gauge('datastreams_sessions_waiting', 'Users that are kept without a connection', counts.waiting)
    .gauge('datastreams_queued_bytes', 'Bytes that connections queue, and 512 for each message', counts.queued)
    .gauge('datastreams_kept_bytes', 'Bytes kept for sessions to resume, and 128 for each frame', counts.kept)
    .gauge('datastreams_pending_messages', 'Messages to many users that wait for their turn', counts.pending)
    .gauge(
      'datastreams_unhandled_bytes',
      'Bytes received that wait for their turn, and 200 for each message',
      metrics.unhandled,
    )
    .gauge('datastreams_buffered_bytes_limit', 'Most bytes queued and kept together', service.limits.bufferedBytes)
    .gauge('datastreams_rooms', 'Rooms', rooms.size)
    .gauge('datastreams_peers', 'Peers in rooms, counted in each room', peers)
    .gauge('datastreams_announced_users', 'Users that receive announcements of rooms', counts.announced)
    .gauge('datastreams_budgets', 'Addresses and identities with a budget of their own', counts.budgets)
    .gauge('datastreams_addresses', 'Addresses that are connected', addresses.size)
    .counter('datastreams_connections_total', 'Connections accepted', metrics.accepted)
    .counter('datastreams_closes_total', 'Connections that are over, by close code', labelled('code', metrics.closed))
    .counter('datastreams_received_total', 'Messages taken', counts.received)
    .counter('datastreams_messages_total', 'Messages, by direction and op', tallies(counts, 'frames'))
    .counter('datastreams_message_bytes_total', 'Bytes of messages, by direction and op', tallies(counts, 'bytes'))
    .counter('datastreams_relays_total', 'Signals passed on', counts.relayed)
    .counter('datastreams_refusals_total', 'Refusals, by error code', labelled('code', counts.refused))
    .counter(
      'datastreams_foreign_requests_total',
      'Requests refused because of their origin or host',
      labelled('header', metrics.foreign),
    )
    .counter('datastreams_limits_total', 'Refusals and closes, by the limit that was reached', [
      ...labelled('limit', { ...counts.limited, frameBytes: (counts.limited.frameBytes ?? 0) + metrics.tooLarge }),
      [{ limit: 'connectionsPerAddress' }, metrics.refused],
      [{ limit: 'requestsPerAddress' }, metrics.limitedRequests],
    ])
    .counter('datastreams_not_accepting_total', 'Seconds in which no file descriptor was free', metrics.notAccepting)
    .counter('datastreams_log_lines_lost_total', 'Lines of the log that could not be written', log?.lost ?? 0)
    .counter('datastreams_slow_total', 'Users closed as too much waited for them', counts.slow)
    .counter('datastreams_failed_total', 'Users removed as their connection took no message', counts.failed)
    .counter(
      'datastreams_resumes_total',
      'What became of lost connections',
      labelled('outcome', { recovered, displaced, refused, expired, overflowed }),
    )
    .counter(
      'datastreams_buffer_ends_total',
      'Waiting sessions and connections ended to free memory, by whose part was exceeded',
      Object.entries(counts.ended).flatMap(([cause, { sessions, connections }]): Sample[] => [
        [{ cause, what: 'session' }, sessions],
        [{ cause, what: 'connection' }, connections],
      ]),
    )
    .histogram('datastreams_relay_seconds', 'Time of a signal within this process', metrics.relayTime)
    .histogram('datastreams_event_loop_lag_seconds', 'How late the event loop runs', metrics.eventLoopLag)
    .toString()
}

const labelled = (label: string, counts: Map<string, number> | Partial<Record<string, number>>): Sample[] =>
  [...(counts instanceof Map ? counts : Object.entries(counts))].map(([text, count]) => [{ [label]: text }, count ?? 0])

const tallies = ({ taken, sent }: WebRTCService['counts'], what: 'frames' | 'bytes'): Sample[] =>
  Object.entries({ in: taken, out: sent }).flatMap(([direction, tally]) =>
    Object.entries(tally).map(([op, counted]): Sample => [{ direction, op }, counted[what]]),
  )
