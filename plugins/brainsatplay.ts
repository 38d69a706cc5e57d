/**
 * A component for a brainsatplay app. It publishes what a device outputs, and outputs what others in the room publish.
 * One module serves three hosts: an ES Component (escompose, escode), a component of WASL, and a node of graphscript.
 *
 * Input: each value of `devices.output` is an object or an array of channels. A channel is one value or an array of
 * samples. An optional `timestamp` is one number or one for each sample, in ms since 1970. Some hosts (escompose, WASL)
 * spread an array over arguments; there, a lone array holds the samples of one channel.
 *
 * Output: the component sets its properties on each event, so an app can listen to `webrtc.remote` and the others. In
 * WASL, with nodes of 2022 (`{ tag, operator }`), an app cannot listen to properties. There, the node itself outputs
 * each value of `remote`.
 *
 * @example
 * ```ts
 * import * as webrtc from 'datastreams-webrtc/plugins/brainsatplay'
 *
 * // An ES Component of an app that has the components `devices` and `timeseries`, too
 * export const __children = {
 *   webrtc: { ...webrtc, url: 'wss://example.org/signal', room: 'arena', name: 'Ada' },
 * }
 * export const __listeners = {
 *   webrtc: 'devices.output',
 *   'timeseries.plot': { 'webrtc.remote': { __format: ({ data }: webrtc.RemoteSamples) => data } },
 * }
 * ```
 *
 * @module
 */
import type { Delivery } from '../src/peer/mod.ts'
import { now } from '../src/streams/mod.ts'
import { type Connection, type Outputs, open, type Settings } from './brainsatplay/connection.ts'

export type { Fault, Outputs, Settings } from './brainsatplay/connection.ts'
export type { RemoteSamples, RoomPeer } from './shared/remote-samples.ts'

// The app sets these. The component reads them when it connects

/** URL of the server's WebSocket. */
export const url: string = '/signal'
/** Name of the room. The component creates the room if it does not exist. */
export const room: string = 'brainsatplay'
/** The user's name, for the other peers. */
export const name: string = ''
/** The user's name in WASL, which uses `name` for the paths of its nodes. */
export const username: string = ''
/** The user's token, if the server requires one. A function is called for a fresh token whenever the server asks. */
export const token: Settings['token'] = ''
/** How samples are delivered: `reliable`, `latest`, or `{ maxAge }` in seconds. */
export const delivery: Delivery = 'reliable'
/** Sample rate of the device, in Hz, or 0 if unknown. It spaces samples that have no timestamp. */
export const nominalRate: number = 0

// The app listens to these

/** The samples that another peer has just published; undefined before the first. */
export const remote: Outputs['remote'] = undefined
/** The peer that has joined the room last; undefined before the first. */
export const joined: Outputs['joined'] = undefined
/** The peer that has left the room last; undefined before the first. */
export const left: Outputs['left'] = undefined
/** Names of the other peers in the room, by id. */
export const peers: Record<string, string> = {}
/** Named `status` because nodes of 2022 keep subscriptions in `state`. After `closed` or `failed`, start it again. */
export const status: Outputs['status'] = 'idle'
/** The last error, of the connection, the room or an input; undefined before the first. The console shows it too. */
export const error: Outputs['error'] = undefined
/**
 * Number of inputs that were not published: the buffer was full before the room was joined, the room was left, or the
 * input had no valid samples.
 */
export const lost: number = 0

/** Name of the node in a WASL app, and the key of its results. */
export const tag: string = 'webrtc'

/** An instance, as the host creates it: with copies of the exports above. */
export interface Component extends Settings, Outputs {
  /**
   * The connection of this instance. The component sets it when it connects.
   *
   * @ignore
   */
  [CONNECTION]?: Connection
  /** The user's name in WASL. It takes precedence over `name`. */
  username?: string
  /** graphscript's internal state. The app's `name` is in it, because graphscript takes `name` out of its nodes. */
  __node?: { initial?: { name?: string } }
  /** Parameters of a WASL node. Nodes of 2022 emit results with `setState`. */
  arguments?: unknown
  /** Name of the node in a WASL app, and the key of its results. */
  tag?: string
  /** Outputs results of a node of 2022. Absent in other hosts. */
  setState?(results: Record<string, unknown>): void
}

/** Holds state on the instance, not in the module: hosts copy the exports, so one module serves several instances. */
const CONNECTION: unique symbol = Symbol('connection')

/** Publishes what a device outputs. Connects first if nothing has connected yet. */
export default function webrtc(this: Component, ...values: unknown[]): void {
  if (this[CONNECTION] === undefined) start.call(this)
  const spreads = '__path' in this || this.arguments instanceof Map
  const channels = values.length > 1 || (spreads && Array.isArray(values[0])) ? values : values[0]
  if (channels !== undefined) this[CONNECTION]?.give({ channels, at: now() * 1000 })
}

/** Connects, unless already connected. The exports below give it the name that each host calls. */
function start(this: Component): void {
  if (this[CONNECTION]?.over === false) return
  const { url, room, token, delivery, nominalRate } = this
  const name = this.username || this.name || this.__node?.initial?.name || ''
  const settings = { url, room, name, token, delivery, nominalRate }
  const connection = open(settings, this.lost, (output, value) => {
    this[output] = value as never
    if (output === 'remote') this.setState?.({ [this.tag ?? tag]: value })
  })
  // Define the property: hosts that wrap components in proxies cannot assign a symbol.
  Object.defineProperty(this, CONNECTION, { value: connection, configurable: true })
}

/** Leaves the room and closes every link. */
function stop(this: Component): void {
  this[CONNECTION]?.close()
}

export {
  // escompose 0.1
  start as __connected,
  // Components of mid-2022
  start as __oncreate,
  // graphscript 0.3 and escode
  start as __onconnected,
  // Nodes of 2022, as WASL creates them
  start as oncreate,
  stop as __disconnected,
  stop as __ondisconnected,
  stop as ondelete,
  webrtc as operator,
}
