import type { Info, RelayName } from '../protocol/mod.ts'
import { type ClockState, now, RemoteClock } from '../streams/mod.ts'
import { ClockProbes, realTime } from './clock-probes.ts'
import { encodeControl } from './control.ts'
import { Inbox } from './inbox.ts'
import { Link, type LinkStats } from './link.ts'
import type { Outbox } from './outbox.ts'
import type { RemoteStream, RemoteStreamStats } from './remote-stream.ts'
import type { Wrtc } from './simple-peer.ts'
import { emit, TypedEventTarget } from './typed-events.ts'

export interface RemotePeerEvents {
  connect: Event
  close: Event
  stream: CustomEvent<RemoteStream>
  streamend: CustomEvent<RemoteStream>
  /** Why the link failed, or what the peer sent that broke it. */
  error: CustomEvent<Error>
}

/** Of all streams that the peer has or had, together; and of the link. */
export interface RemotePeerStats extends LinkStats, RemoteStreamStats {
  /** As the peer's own. */
  ignored: number
}

export interface RemotePeerOptions {
  id: number
  info: Info
  /** The server's number of this incarnation of the pair. */
  link: number
  initiator: boolean
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  outbox: Outbox
  /** How many seconds to ask for of what the peer has published already. */
  history: number
  signal(name: RelayName, body: unknown): void
}

/** Somebody else in the room, over one RTCPeerConnection. */
export class RemotePeer extends TypedEventTarget<RemotePeerEvents> {
  readonly id: number
  readonly info: Info
  /** The server's number of this incarnation of the pair; a later one is larger. */
  readonly number: number
  state: 'connecting' | 'connected' | 'closed' = 'connecting'
  readonly #options: RemotePeerOptions
  readonly #inbox: Inbox
  readonly #clock = new RemoteClock()
  #probes: ClockProbes | undefined
  #link: Link | undefined
  /** Seconds of history that the peer wants, once it said so. */
  #wanted: number | undefined

  constructor(options: RemotePeerOptions) {
    super()
    this.id = options.id
    this.info = options.info
    this.number = options.link
    this.#options = options
    const events = {
      want: (history: number) => {
        this.#wanted = history
        this.#publish()
      },
      stream: (stream: RemoteStream) => emit(this, 'stream', stream),
      streamend: (stream: RemoteStream) => emit(this, 'streamend', stream),
    }
    this.#inbox = new Inbox(events, this.#clock)
  }

  /** What the peer publishes at the moment, by id. */
  get streams(): ReadonlyMap<string, RemoteStream> {
    return this.#inbox.streams
  }

  /** The peer's clock − one's own, and how well that is known. Both count seconds since 1970 and are never set. */
  get clock(): ClockState {
    return this.#clock.state(now())
  }

  /** Messages about streams that are not there, signals that could not be used, and what is no probe of a clock. */
  get ignored(): number {
    return this.#inbox.ignored + (this.#link?.droppedSignals ?? 0) + (this.#probes?.ignored ?? 0)
  }

  /**
   * What waits for the peer, what came from it, and how good the way is.
   *
   * @returns undefined where there is no link: not yet, or not any more
   *
   * @example
   * ```ts
   * import type { RemotePeer } from 'datastreams-webrtc/peer'
   *
   * export async function report(peer: RemotePeer): Promise<void> {
   *   const stats = await peer.stats()
   *   if (stats !== undefined) console.log(stats.roundTrip, stats.relayed ? 'relayed' : 'direct', stats.missed)
   * }
   * ```
   */
  async stats(): Promise<RemotePeerStats | undefined> {
    const link = await this.#link?.stats()
    return link && { ...link, ...this.#inbox.stats(), ignored: this.ignored }
  }

  /** Opens the link; for the Membership, once listeners had their chance. */
  start(): void {
    if (this.state === 'closed' || this.#link !== undefined) return
    const { link: number, initiator, rtc, wrtc, signal } = this.#options
    this.#link = new Link({
      number,
      initiator,
      rtc,
      wrtc,
      signal,
      connected: () => this.#connected(),
      message: (data) => this.#receive(data),
      unordered: (data) => this.#receive(data, true),
      drained: () => this.#options.outbox.drain(),
      clockOpen: () => this.#startProbes(),
      clockMessage: (data) => this.#probes?.receive(data),
      track: (track, stream) => this.#inbox.addMedia(track, stream),
      closed: (error) => this.#closed(error),
    })
  }

  /** Takes a signal that the server relayed. */
  receiveSignal(name: RelayName, body: unknown): void {
    this.#link?.receive(name, body)
  }

  /** Closes the link; for the Membership. */
  close(error?: Error): void {
    if (this.#link === undefined) this.#closed(error)
    else this.#link.close(error)
  }

  #connected(): void {
    this.state = 'connected'
    this.#link?.send(encodeControl(['want', { history: this.#options.history }]))
    this.#publish()
  }

  /** Messages may come before simple-peer says that it is connected; what is sent before is lost. */
  #publish(): void {
    if (this.state !== 'connected' || this.#wanted === undefined) return
    this.#options.outbox.addLink(this.#link as Link, this.#wanted)
    // Only now does what is published arrive.
    this.dispatchEvent(new Event('connect'))
  }

  #startProbes(): void {
    this.#probes = new ClockProbes({
      ...realTime(),
      send: (bytes) => this.#link?.sendClock(bytes),
      estimated: (estimate) => this.#clock.update(estimate, now()),
    })
  }

  #receive(data: Uint8Array | string, unordered = false): void {
    try {
      if (unordered) this.#inbox.receiveUnordered(data as Uint8Array)
      else this.#inbox.receive(data)
    } catch (error) {
      this.close(error as Error)
    }
  }

  #closed(error: Error | undefined): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.#probes?.stop()
    if (this.#link !== undefined) this.#options.outbox.removeLink(this.#link)
    this.#inbox.close()
    if (error !== undefined) emit(this, 'error', error)
    this.dispatchEvent(new Event('close'))
  }
}
