/**
 * A component for a brainsatplay app: what a device gives goes to everybody in a room, and what they give comes out. One
 * module for three hosts: an ES Component (escompose, escode), a component of WASL, and a node of graphscript.
 *
 * In goes what `devices.output` gives, over and over: an object or an array of channels, each one value or an array of
 * samples, with a `timestamp` if there is one (ms since 1970; one, or one for each sample). Where the host spreads arrays
 * over arguments, as escompose and WASL do, a lone array is the samples of one channel.
 *
 * What comes out are properties, set anew each time, so `webrtc.remote` and its like can be listened to. Of the nodes of
 * 2022 (WASL, `{ tag, operator }`) properties cannot be: the node itself gives what `remote` is set to.
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

export type { Fault } from './brainsatplay/connection.ts'
export type { RemoteSamples, RoomPeer } from './shared/remote-samples.ts'

// Set by the app, and read when the component connects

/** The server's. */
export const url: string = '/signal'
/** A name; the room is made where it is missing. */
export const room: string = 'brainsatplay'
/** Of oneself, for the others. */
export const name: string = ''
/** The same, for WASL, which keeps `name` for the paths of its nodes. */
export const username: string = ''
/** For a server that wants one; a function is asked for a fresh one each time. */
export const token: Settings['token'] = ''
/** `reliable`, `latest`, or `{ deadline }` in ms. */
export const delivery: Delivery = 'reliable'
/** Of the device, in Hz, by which samples without a timestamp are placed; 0 where it is not known. */
export const nominalRate: number = 0

// Listened to by the app

export const remote: Outputs['remote'] = undefined
export const joined: Outputs['joined'] = undefined
export const left: Outputs['left'] = undefined
/** The names of who is there, by id. */
export const peers: Record<string, string> = {}
/** Not `state`, which the nodes of 2022 keep their subscriptions in. After `closed` and `failed` it has to be started anew. */
export const status: Outputs['status'] = 'idle'
export const error: Outputs['error'] = undefined
/** Inputs that were not published: the room could not be entered for too long, is left, or they held nothing to publish. */
export const lost: number = 0

export const tag: string = 'webrtc'

/** An instance, as its host makes it: with copies of the exports above. */
export interface Component extends Settings, Outputs {
  [CONNECTION]?: Connection
  username?: string
  /** graphscript's own; it keeps `name` from its nodes. */
  __node?: { initial?: { name?: string } }
  /** A WASL node's parameters, and how a node of 2022 tells those who listen to it. */
  arguments?: unknown
  tag?: string
  setState?(results: Record<string, unknown>): void
}

/** Of an instance alone: hosts copy what a module exports, so nothing may be kept in the module. */
const CONNECTION: unique symbol = Symbol('connection')

/** Takes what a device gives, and connects first where that has not been done. */
export default function webrtc(this: Component, ...values: unknown[]): void {
  if (this[CONNECTION] === undefined) start.call(this)
  const spreads = '__path' in this || this.arguments instanceof Map
  const channels = values.length > 1 || (spreads && Array.isArray(values[0])) ? values : values[0]
  if (channels !== undefined) this[CONNECTION]?.give({ channels, at: now() * 1000 })
}

/** Connects, unless it is connected. Each host has its own name for it. */
function start(this: Component): void {
  if (this[CONNECTION]?.over === false) return
  const { url, room, token, delivery, nominalRate } = this
  const name = this.username || this.name || this.__node?.initial?.name || ''
  const settings = { url, room, name, token, delivery, nominalRate }
  const connection = open(settings, this.lost, (output, value) => {
    this[output] = value as never
    if (output === 'remote') this.setState?.({ [this.tag ?? tag]: value })
  })
  // Defined, as hosts that watch their components with proxies cannot set a symbol.
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
  // Nodes of 2022, as WASL makes them
  start as oncreate,
  stop as __disconnected,
  stop as __ondisconnected,
  stop as ondelete,
  webrtc as operator,
}
