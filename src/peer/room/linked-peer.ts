import type { Info, RelayName } from '../../protocol/both-ends.ts'
import type { ClockState } from '../../streams/mod.ts'
import type { OpenLink, Recovered, Recovering } from '../link/mod.ts'
import type { InboxEvents, IncomingPublication, Remembered, RemoteStream } from '../receive/mod.ts'
import { afterSeconds, emit, TypedEventTarget } from '../shared/mod.ts'
import type { VerifiedIdentity } from '../signaling/mod.ts'
import { encodeControl, type Want } from '../wire/mod.ts'
import type { LinkedPeerOptions } from './linked-peer-options.ts'
import { PairLinks } from './pair-links.ts'
import { PeerDelivery } from './peer-delivery.ts'
import { PeerReception } from './peer-reception.ts'
import type { RemotePeer, RemotePeerEvents, RemotePeerStats } from './remote-peer.ts'

/** Seconds until the statistics of a new link are read. That takes milliseconds, which would delay the first samples. */
const STATISTICS_DELAY = 0.1

/** Connects a peer's links with the inbox of its streams, and with the delivery of this user's publications. */
export class LinkedPeer extends TypedEventTarget<RemotePeerEvents> implements RemotePeer {
  readonly info: Info
  readonly identity: VerifiedIdentity | undefined
  state: RemotePeer['state'] = 'connecting'
  relayed = false
  /** The certificate's fingerprint, from the newest link that opened. */
  fingerprint: string | undefined
  /** Whether this user accepts the peer's publications, and whether the peer receives this user's. */
  readonly permits: Readonly<Pick<LinkedPeerOptions, 'takes' | 'gives'>>
  #id: number
  #number: number
  readonly #options: LinkedPeerOptions
  readonly #reception: PeerReception
  readonly #delivery: PeerDelivery
  readonly #links: PairLinks
  /** The open link. */
  #link: OpenLink | undefined
  #wasOpen = false

  constructor(options: LinkedPeerOptions) {
    super()
    this.info = options.info
    this.identity = options.identity
    this.#id = options.id
    this.#number = options.link
    this.#options = options
    this.permits = options
    this.#reception = new PeerReception(this.#events(), options.takes)
    this.#delivery = new PeerDelivery(options.outbox, options.gives)
    this.#links = this.#makeLinks()
  }

  get id(): number {
    return this.#id
  }

  /** The server's number of this pair. It grows with each new pairing. */
  get number(): number {
    return this.#number
  }

  get streams(): ReadonlyMap<string, RemoteStream> {
    return this.#reception.inbox.streams
  }

  get clock(): ClockState {
    return this.#reception.clock.state
  }

  get ignored(): number {
    return this.#reception.ignored + this.#links.dropped
  }

  /** Whether a link has carried this user's publications, or may have. */
  get isReceiver(): boolean {
    return this.#delivery.since !== undefined
  }

  async stats(): Promise<RemotePeerStats | undefined> {
    const link = await this.#link?.stats()
    return link && { ...link, ...this.#reception.inbox.stats(), ignored: this.ignored }
  }

  /** Opens the first link. */
  start(): void {
    this.#links.start()
  }

  /** Handles a relayed signal. */
  receiveSignal(name: RelayName, body: unknown): void {
    this.#links.receive(name, body)
  }

  /** Whether a signal with this link number belongs to this peer. */
  accepts(link: unknown): boolean {
    return this.#links.accepts(link)
  }

  /** Suspends recovery after a fresh start, and sends the new id to the peer. */
  pause(ownId: number): void {
    this.#links.pause()
    this.#link?.send(encodeControl(['moved', ownId]))
  }

  /** The server announced the peer again, maybe under another id. */
  resume(id: number, link: number, initiator: boolean): void {
    // A peer with the same id made no fresh start. It treats this user as a new peer, so the link cannot stay.
    const keepsLink = id !== this.#id
    this.#id = id
    this.#number = link
    this.#links.moved(link, initiator, keepsLink)
  }

  /** Retries a lost link at once, because the network seems to be back. */
  hurry(): void {
    this.#links.hurry()
  }

  /** Simulates a network failure. @param seconds how long the link stays lost */
  interrupt(seconds: number): void {
    this.#links.interrupt(seconds)
  }

  /**
   * Closes the link for good, and sends `bye` so that the peer starts no other.
   *
   * @param error why, if the peer or WebRTC is the cause
   */
  close(error?: Error): void {
    if (this.state === 'closed') return
    this.#end(true)
    this.#reception.inbox.close()
    if (error !== undefined) emit(this, 'error', error)
    this.dispatchEvent(new Event('close'))
  }

  /**
   * Closes the link, because the peer has left the room or this user has.
   *
   * @param goesOn whether a publication may continue on another link; all others end
   * @returns the streams that may continue
   */
  release(goesOn: (publication: IncomingPublication) => boolean): Remembered {
    const { since } = this.#delivery
    const { fingerprint, identity } = this
    const remembered = { ...this.#reception.remembered, since, fingerprint, auth: identity?.auth }
    if (this.state === 'closed') return remembered
    this.#end(false)
    this.#reception.inbox.close(goesOn)
    this.dispatchEvent(new Event('close'))
    return remembered
  }

  #makeLinks(): PairLinks {
    const { signal, outbox } = this.#options
    const { clock } = this.#reception
    return new PairLinks({
      ...this.#options,
      number: this.#number,
      signal: (name, body) => signal(name, this.#id, body),
      connected: (link) => this.#connected(link),
      lost: (link) => this.#lost(link),
      ahead: (fingerprint) => this.#ahead(fingerprint),
      wantedAhead: (want) => {
        // A receiver may have to resume. It says so only on the link.
        if (!this.isReceiver) this.#delivery.wantedAhead(want)
      },
      message: (data) => this.#receive(data),
      unordered: (data) => this.#receive(data, true),
      drained: () => outbox.drain(),
      clockOpen: (send) => clock.start(send),
      clockMessage: (data) => clock.receive(data),
      track: (track, stream) => this.#reception.inbox.addMedia(track, stream),
      recovering: (detail) => this.#recovering(detail),
      recovered: (detail, restarted) => this.#recovered(detail, restarted),
      failed: (error) => this.close(error),
    })
  }

  #connected(link: OpenLink): void {
    this.#link = link
    this.fingerprint = link.fingerprint
    const isKnown = this.#wasOpen || !this.#options.takes
    const before = isKnown ? undefined : this.fingerprint && this.#options.claim(this.fingerprint)
    if (before) {
      this.#reception.takeOver(before)
      this.#delivery.since = before.since
      this.#delivery.wantedAhead(undefined)
    }
    const { inbox } = this.#reception
    link.send(encodeControl(['want', inbox.relink(this.#options.history)]))
    if (before) for (const stream of inbox.streams.values()) emit(this, 'resumed', stream)
    afterSeconds(STATISTICS_DELAY, () => void this.#checkRelayed(link))
    this.#deliver()
  }

  /** Requests the peer's publications ahead of the link if nothing has to be resumed: that needs an open link. */
  #ahead(fingerprint: string | undefined): Want | undefined {
    const { history, mayContinue } = this.#options
    return this.#reception.inbox.isNew && !mayContinue(fingerprint) ? { history } : undefined
  }

  /**
   * Delivers as soon as the link is open and the peer has requested the publications, in any order. The link counts as
   * connected when the peer's `want` has arrived on it.
   */
  #deliver(): void {
    const link = this.#link
    if (link === undefined) return
    const { isWanted } = this.#delivery
    if (isWanted) {
      this.state = 'connected'
      this.#links.established()
    }
    this.#delivery.start(link)
    if (!isWanted) return
    // Emit `connect` only now: before this, published samples might not arrive.
    if (!this.#wasOpen) this.dispatchEvent(new Event('connect'))
    this.#wasOpen = true
  }

  #lost(link: OpenLink): void {
    this.#reception.pause()
    this.#delivery.pause(this.#link === link ? link : undefined)
    this.#link = undefined
    this.relayed = false
  }

  #recovering(detail: Recovering): void {
    this.state = 'recovering'
    emit(this, 'recovering', detail)
  }

  #recovered(detail: Recovered, restarted: boolean): void {
    this.state = 'connected'
    if (detail.step === 'restart' && restarted) this.dispatchEvent(new Event('restarted'))
    emit(this, 'recovered', detail)
    if (this.#link !== undefined) void this.#checkRelayed(this.#link)
  }

  async #checkRelayed(link: OpenLink): Promise<void> {
    if (this.#link !== link) return
    const relayed = (await link.stats())?.relayed
    if (relayed === undefined || relayed === this.relayed || this.#link !== link) return
    this.relayed = relayed
    if (relayed) this.dispatchEvent(new Event('relayed'))
  }

  #receive(data: Uint8Array | string, unordered = false): void {
    try {
      this.#reception.receive(data, unordered)
    } catch (error) {
      this.close(error as Error)
    }
  }

  #events(): InboxEvents {
    return {
      want: (want) => {
        this.#delivery.wanted(want)
        this.#deliver()
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
    if (!expected) this.#reception.inbox.ignored++
  }

  #end(says: boolean): void {
    this.state = 'closed'
    this.#links.close(says)
    this.#delivery.forget()
  }
}
