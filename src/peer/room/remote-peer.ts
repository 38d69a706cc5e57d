import type { Info, RelayName } from '../../protocol/mod.ts'
import { type ClockState, now } from '../../streams/mod.ts'
import { type OpenLink, PeerClock, type Recovered, type Recovering } from '../link/mod.ts'
import {
  Inbox,
  type InboxEvents,
  type IncomingPublication,
  MAX_KNOWN_STREAMS,
  type Remembered,
  type RemoteStream,
} from '../receive/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import { isPublish } from '../signaling/mod.ts'
import { encodeControl, type Want } from '../wire/mod.ts'
import { PairLinks } from './pair-links.ts'
import type { RemotePeerEvents, RemotePeerStats } from './peer-events.ts'
import type { RemotePeerOptions } from './remote-peer-options.ts'

/** Another user in the room. It exists while both are there, over one RTCPeerConnection after another. */
export class RemotePeer extends TypedEventTarget<RemotePeerEvents> {
  readonly info: Info
  state: 'connecting' | 'connected' | 'recovering' | 'closed' = 'connecting'
  /** Whether the link uses a TURN server. */
  relayed = false
  /** Whether this user accepts the peer's publications, and whether the peer receives this user's. */
  readonly permits: Readonly<Pick<RemotePeerOptions, 'takes' | 'gives'>>
  #id: number
  #number: number
  readonly #options: RemotePeerOptions
  #inbox: Inbox
  readonly #clock = new PeerClock()
  readonly #links: PairLinks
  /** The open link. `#left` is the last lost one: the outbox buffers for it until the next link opens. */
  #link: OpenLink | undefined
  #left: OpenLink | undefined
  /** The peer's `want`, once it has arrived on this link. */
  #wanted: Want | undefined
  #since: number | undefined
  #fingerprint: string | undefined
  #wasOpen = false

  constructor(options: RemotePeerOptions) {
    super()
    this.info = options.info
    this.#id = options.id
    this.#number = options.link
    this.#options = options
    this.permits = options
    this.#inbox = new Inbox(this.#events(), this.#clock.remote, MAX_KNOWN_STREAMS)
    this.#links = this.#makeLinks()
  }

  /** The peer's id. It changes after a fresh start of the peer's session. */
  get id(): number {
    return this.#id
  }

  /** The server's number of this pair. It grows with each new pairing. */
  get number(): number {
    return this.#number
  }

  /** The peer's current streams, by id. */
  get streams(): ReadonlyMap<string, RemoteStream> {
    return this.#inbox.streams
  }

  /** The peer's clock minus this user's, with an error bound. Both count seconds since 1970 and are never adjusted. */
  get clock(): ClockState {
    return this.#clock.state
  }

  /** Counts messages about unknown streams, controls over their limit, unusable signals and invalid clock probes. */
  get ignored(): number {
    return this.#inbox.ignored + this.#links.dropped + this.#clock.ignored
  }

  /** The certificate's fingerprint, from the newest link that opened. The membership reads it. */
  get fingerprint(): string | undefined {
    return this.#fingerprint
  }

  /**
   * Reads what the link buffers for the peer, what the peer has sent, and the quality of the link.
   *
   * @returns undefined while no link is open
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

  /** Opens the first link. The membership calls it after it has emitted `peer`. */
  start(): void {
    this.#links.start()
  }

  /** Handles a relayed signal. */
  receiveSignal(name: RelayName, body: unknown): void {
    this.#links.receive(name, body)
  }

  /** Whether a signal with this link number belongs to this peer. The session calls this. */
  accepts(link: unknown): boolean {
    return this.#links.accepts(link)
  }

  /** Suspends recovery after a fresh start, and sends the new id to the peer. The membership calls this. */
  pause(ownId: number): void {
    this.#links.pause()
    this.#link?.send(encodeControl(['moved', ownId]))
  }

  /** The server announced the peer again, maybe under another id. The membership calls this. */
  resume(id: number, link: number, initiator: boolean): void {
    // A peer with the same id made no fresh start. It treats this user as a new peer, so the link cannot stay.
    const keepsLink = id !== this.#id
    this.#id = id
    this.#number = link
    this.#links.moved(link, initiator, keepsLink)
  }

  /** Retries a lost link at once, because the network seems to be back. The membership calls this. */
  hurry(): void {
    this.#links.hurry()
  }

  /** Simulates a network failure. The membership calls this. @param seconds how long the link stays lost */
  interrupt(seconds: number): void {
    this.#links.interrupt(seconds)
  }

  /** Closes the link for good, and sends `bye` so that the peer starts no other. */
  close(error?: Error): void {
    if (this.state === 'closed') return
    this.#end(true)
    this.#inbox.close()
    if (error !== undefined) emit(this, 'error', error)
    this.dispatchEvent(new Event('close'))
  }

  /**
   * Closes the link. The membership calls this.
   *
   * @param goesOn whether a publication may continue on another link; all others end
   * @returns the streams that may continue
   */
  release(goesOn: (publication: IncomingPublication) => boolean): Remembered {
    const remembered = this.#remember()
    if (this.state === 'closed') return remembered
    this.#end(false)
    this.#inbox.close(goesOn)
    this.dispatchEvent(new Event('close'))
    return remembered
  }

  #makeLinks(): PairLinks {
    const { signal, outbox } = this.#options
    return new PairLinks({
      ...this.#options,
      number: this.#number,
      signal: (name, body) => signal(name, this.#id, body),
      connected: (link) => this.#connected(link),
      lost: (link) => this.#lost(link),
      message: (data) => this.#receive(data),
      unordered: (data) => this.#receive(data, true),
      drained: () => outbox.drain(),
      clockOpen: (send) => this.#clock.start(send),
      clockMessage: (data) => this.#clock.receive(data),
      track: (track, stream) => this.#inbox.addMedia(track, stream),
      recovering: (detail) => this.#recovering(detail),
      recovered: (detail, restarted) => this.#recovered(detail, restarted),
      failed: (error) => this.close(error),
    })
  }

  #connected(link: OpenLink): void {
    this.#link = link
    this.#fingerprint = link.fingerprint
    const isKnown = this.#wasOpen || !this.#options.takes
    const before = isKnown ? undefined : this.#fingerprint && this.#options.claim(this.#fingerprint)
    if (before) this.#takeOver(before)
    link.send(encodeControl(['want', this.#inbox.relink(this.#options.history)]))
    if (before) for (const stream of this.#inbox.streams.values()) emit(this, 'resumed', stream)
    void this.#lookAtWay(link)
    this.#publish()
  }

  #takeOver({ inbox, clock, since }: Remembered): void {
    inbox.events = this.#events()
    this.#inbox = inbox
    this.#clock.remote = clock
    this.#since = since
  }

  #remember(): Remembered {
    return { inbox: this.#inbox, clock: this.#clock.remote, since: this.#since, fingerprint: this.#fingerprint }
  }

  /** Waits for both the open link and the peer's `want`, in any order: anything sent earlier would be lost. */
  #publish(): void {
    const link = this.#link
    if (link === undefined || this.#wanted === undefined) return
    this.state = 'connected'
    this.#links.established()
    const { history, resume, ended = [] } = this.#wanted
    const { outbox } = this.#options
    const since = this.#since ?? now() - history
    this.#since = since
    const known = resume && { next: new Map(resume), ended: new Set(ended), since }
    if (this.#options.gives) outbox.addLink(link, history, known)
    if (this.#left !== undefined) outbox.removeLink(this.#left)
    this.#left = undefined
    // Emit `connect` only now: before this, published samples would not arrive.
    if (!this.#wasOpen) this.dispatchEvent(new Event('connect'))
    this.#wasOpen = true
  }

  #lost(link: OpenLink): void {
    this.#clock.stop()
    // Before the peer's `want`, nothing was sent on the link, so there is nothing to resume.
    if (this.#link === link && this.#wanted !== undefined) {
      this.#options.outbox.leave(link)
      this.#left = link
    }
    this.#link = undefined
    this.relayed = false
    this.#wanted = undefined
    this.#inbox.unlink()
  }

  #recovering(detail: Recovering): void {
    this.state = 'recovering'
    emit(this, 'recovering', detail)
  }

  #recovered(detail: Recovered, restarted: boolean): void {
    this.state = 'connected'
    if (detail.step === 'restart' && restarted) this.dispatchEvent(new Event('restarted'))
    emit(this, 'recovered', detail)
    if (this.#link !== undefined) void this.#lookAtWay(this.#link)
  }

  async #lookAtWay(link: OpenLink): Promise<void> {
    const relayed = (await link.stats())?.relayed
    if (relayed === undefined || relayed === this.relayed || this.#link !== link) return
    this.relayed = relayed
    if (relayed) this.dispatchEvent(new Event('relayed'))
  }

  #receive(data: Uint8Array | string, unordered = false): void {
    try {
      if (!this.#options.takes && isPublish(data)) this.#inbox.ignored++
      else if (unordered) this.#inbox.receiveUnordered(data as Uint8Array)
      else this.#inbox.receive(data)
    } catch (error) {
      this.close(error as Error)
    }
  }

  #events(): InboxEvents {
    return {
      want: (want) => {
        this.#wanted = want
        this.#publish()
      },
      stream: (stream) => emit(this, 'stream', stream),
      resumed: (stream) => emit(this, 'resumed', stream),
      streamend: (stream) => emit(this, 'streamend', stream),
      moved: (id) => this.#options.moved(id),
      departed: (info) => this.#options.departed(info),
      taken: (publication) => this.#link?.send(encodeControl(['received', publication])),
      received: (publication) => this.#received(publication),
    }
  }

  #received(publication: number): void {
    const expected = this.#link !== undefined && this.#options.outbox.received(publication, this.#link)
    if (!expected) this.#inbox.ignored++
  }

  #end(says: boolean): void {
    this.state = 'closed'
    const { outbox } = this.#options
    this.#links.close(says)
    if (this.#left !== undefined) outbox.removeLink(this.#left)
  }
}
