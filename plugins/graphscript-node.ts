import {
  type ConnectOptions,
  connect,
  type JoinOptions,
  type Membership,
  type Publication,
  type PublishOptions,
  type PushPublication,
  type RemotePeer,
  type Session,
} from '../src/peer/mod.ts'
import type { SourceLike } from '../src/streams/mod.ts'
import { isSource, samplesOf } from './graphscript/samples.ts'
import { peerOf, type RemoteSamples, type RoomPeer, samplesIn } from './shared/remote-samples.ts'

export type { RemoteSamples, RoomPeer }

/** The room that a node joins, and how it publishes. */
export interface RoomNodeOptions {
  /** URL of the server's WebSocket, such as `wss://example.org/signal`. */
  url: string | URL
  /** The room's name, or its uuid. */
  room: string | number
  /** Options of the connection, such as `token` and `info`. The node sets `signal` itself. */
  connect?: Omit<ConnectOptions, 'signal'>
  /** Options for entering the room, such as `max`. @default { create: true } */
  join?: JoinOptions
  /** Describes the streams where the samples do not. Timestamps are in ms unless this sets another unit. */
  publish?: PublishOptions
}

/** The node sets these properties on each event. Other nodes can listen to them. */
export interface RoomOutputs {
  /** The samples that another peer has just published; undefined before the first. */
  remote: RemoteSamples | undefined
  /** The peer that has joined the room last; undefined before the first. */
  joined: RoomPeer | undefined
  /** The peer that has left the room last; undefined before the first. */
  left: RoomPeer | undefined
  /** `closed` and `failed` are final until the node is added to a graph again. */
  status: 'connecting' | 'joined' | 'reconnecting' | 'closed' | 'failed'
  /** The last error, usually a SignalError, PeerError or StreamError. Samples that cannot be published also set it. */
  error: unknown
  /** Number of inputs that were not published: the node was outside the room, or the input had no valid samples. */
  lost: number
}

/** The definition of a node for a graph. graphscript calls the methods. */
export interface RoomNode extends RoomOutputs {
  /** Publishes an input. The node outputs nothing here: it sets its properties instead. */
  __operator(input: unknown): void
  /** Connects and joins the room, when a graph adds the node. */
  __onconnected(node: RoomOutputs): void
  /** Leaves the room and closes the connection, when the graph removes the node. */
  __ondisconnected(node: RoomOutputs): void
}

/** Most sources that wait until the room is joined. A room accepts the same number of publications. */
const MAX_WAITING = 256

/**
 * Creates a node for a graphscript graph that joins a room. The node publishes every input, and outputs what others
 * publish. It connects when it is added to a graph, and closes its connection and links when it is removed.
 *
 * An input is one of:
 * - a value, or an array with one value for each channel
 * - an object of channels by label, with an optional `timestamp`: one, or one for each sample
 * - a source that `room.publish` accepts, such as a DataStream; the node follows it from then on
 *
 * A channel may also be an array of samples. Inputs with other labels become another stream.
 *
 * @returns the node's definition, which may be added to several graphs
 *
 * @example
 * ```ts
 * import { roomNode } from 'datastreams-webrtc/plugins/graphscript-node'
 * import { Graph } from 'graphscript/dist/index.core.esm.js'
 *
 * export const share = (): Graph => {
 *   const room = roomNode({ url: 'wss://example.org/signal', room: 'lab', publish: { name: 'EEG', nominalRate: 250 } })
 *   const print = ({ name, stream, data }: any): void => console.log(name, stream, data)
 *   return new Graph({
 *     roots: {
 *       eeg: { __operator: (Fp1: number, Fp2: number) => ({ Fp1, Fp2 }) }, // run by a device
 *       room: { ...room, __listeners: { eeg: true } },
 *       print: { __operator: print, __listeners: { 'room.remote': true } },
 *     },
 *   })
 * }
 * ```
 */
export function roomNode(options: RoomNodeOptions): RoomNode {
  // One entry for each node: several graphs may use the same definition.
  const rooms = new WeakMap<object, Room>()
  return {
    remote: undefined,
    joined: undefined,
    left: undefined,
    status: 'connecting',
    error: undefined,
    lost: 0,
    __operator(this: object, input) {
      rooms.get(this)?.give(input)
    },
    __onconnected: (node) => void rooms.set(node, enter(node, options)),
    __ondisconnected: (node) => rooms.get(node)?.close(),
  }
}

interface Room {
  give(input: unknown): void
  close(): void
}

function enter(outputs: RoomOutputs, options: RoomNodeOptions): Room {
  const { url, join = { create: true }, publish } = options
  const leaving = new AbortController()
  const waiting = new Set<SourceLike>()
  const publications = new Map<unknown, Publication>()
  let session: Session | undefined
  let room: Membership | undefined

  const tell = <Name extends keyof RoomOutputs>(name: Name, value: RoomOutputs[Name]) => {
    try {
      outputs[name] = value
    } catch (cause) {
      // A listener in the graph threw. Rethrow the error later, so that the streams continue.
      queueMicrotask(() => {
        throw cause
      })
    }
  }
  const fail = (cause: unknown) => tell('error', cause)
  const lose = () => tell('lost', outputs.lost + 1)
  const end = (status: 'closed' | 'failed') => {
    if (leaving.signal.aborted) return
    leaving.abort()
    session?.close()
    tell('status', status)
  }

  const open = async () => {
    session = await connect(url, { ...options.connect, signal: leaving.signal })
    // The node was removed while `connect` was completing.
    if (leaving.signal.aborted) return session.close()
    session.addEventListener('error', ({ detail }) => fail(detail))
    session.addEventListener('reconnecting', () => tell('status', 'reconnecting'))
    session.addEventListener('resumed', () => tell('status', room === undefined ? 'connecting' : 'joined'))
    session.addEventListener('close', () => end('closed'))
    room = await session.join(options.room, join)
    room.addEventListener('peer', ({ detail }) => follow(detail))
    room.addEventListener('peerleave', ({ detail }) => tell('left', peerOf(detail)))
    room.addEventListener('removed', ({ detail }) => fail(new Error(`Taken out of the room: ${detail.code}`)))
    room.addEventListener('close', () => end('closed'))
    tell('status', 'joined')
    for (const source of waiting) share(source)
    waiting.clear()
  }
  const follow = (peer: RemotePeer) => {
    tell('joined', peerOf(peer))
    peer.addEventListener('error', ({ detail }) => fail(detail))
    peer.addEventListener('stream', async ({ detail: stream }) => {
      for await (const chunk of stream) tell('remote', { ...peerOf(peer), stream: stream.name, ...samplesIn(chunk) })
    })
  }

  const share = (input: unknown) => {
    try {
      if (room === undefined || leaving.signal.aborted) {
        if (room === undefined && isSource(input) && waiting.size < MAX_WAITING) waiting.add(input)
        else lose()
      } else if (isSource(input)) {
        if (!publications.has(input)) keep(input, room.publish(input, publish))
      } else {
        const { labels, values, timestamp } = samplesOf(input)
        const layout = JSON.stringify(labels)
        const channels = labels.map((label) => ({ label, unit: '', type: '' }))
        const publication =
          publications.get(layout) ?? keep(layout, room.publish({ channels, timeUnit: 'ms' }, publish))
        ;(publication as PushPublication).push(values, timestamp)
      }
    } catch (cause) {
      lose()
      fail(cause)
    }
  }
  const keep = (key: unknown, publication: Publication): Publication => {
    publications.set(key, publication)
    publication.addEventListener('close', () => publications.delete(key))
    publication.addEventListener('error', ({ detail }) => {
      lose()
      fail(detail)
    })
    return publication
  }

  tell('status', 'connecting')
  open().catch((cause) => {
    // If the node was removed, the abort is not an error.
    if (!leaving.signal.aborted) fail(cause)
    end('failed')
  })
  return { give: share, close: () => end('closed') }
}
