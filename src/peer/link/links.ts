import { isObject, type RelayName } from '../../protocol/both-ends.ts'
import { now } from '../../streams/mod.ts'
import { afterSeconds, PeerError } from '../shared/mod.ts'
import { KeptLink } from './kept-link.ts'
import { Link } from './link.ts'
import type { LinksOptions } from './link-options.ts'
import { LinkPosition, type Position } from './link-position.ts'
import { offerLimit } from './offer-limit.ts'
import { CONNECT_TIMEOUT, Recovery } from './recovery.ts'
import { SignalSender } from './signal-sender.ts'

/** Minimum seconds between two ICE restarts that the other peer requests. */
const MIN_RESTART_INTERVAL = 2

/** The links of one pair, one after the other. Replaces a lost link for as long as both peers are in the room. */
export class Links {
  /** Signals of closed links, and signals that could not be used. */
  #dropped = 0
  readonly #options: LinksOptions
  readonly #recovery: Recovery
  readonly #position: LinkPosition
  readonly #kept: KeptLink
  readonly #signals: SignalSender
  #initiator: boolean
  #link: Link | undefined
  readonly #mayTakeOffer: () => boolean = offerLimit()
  /** When the other peer's last request restarted ICE, in seconds. */
  #restarted = Number.NEGATIVE_INFINITY
  #closed = false

  /** Opens the first link at once. */
  constructor(options: LinksOptions) {
    this.#options = options
    this.#initiator = options.initiator
    this.#position = new LinkPosition(options.number)
    this.#signals = new SignalSender(options.signal)
    this.#kept = new KeptLink({
      after: afterSeconds,
      send: () => this.#sendKept(),
      differ: () => this.#recovery.lost('moved'),
    })
    const links = this
    this.#recovery = new Recovery({
      now,
      after: afterSeconds,
      random: Math.random,
      get createsLinks() {
        return links.#initiator
      },
      get hasRelay() {
        return hasRelay(options.rtc())
      },
      restart: () => this.#restart(),
      close: () => this.#link?.close(),
      rebuild: (relayed) => this.#rebuild(relayed),
      recovering: options.recovering,
      recovered: (detail) => options.recovered(detail, this.#link?.wasRestarted ?? false),
    })
    this.#open(options.rtc())
  }

  get dropped(): number {
    return this.#dropped + this.#signals.dropped + (this.#link?.droppedSignals ?? 0)
  }

  /** Whether a signal with this pair number is about one of these links. */
  accepts(number: unknown): boolean {
    return this.#position.accepts(number)
  }

  receive(name: RelayName, body: unknown): void {
    const position = this.#position.of(body)
    const type = isObject(body) ? body.type : undefined
    if (this.#closed || position === undefined) this.#dropped++
    else if (name === 'signal' && type === 'bye') this.#givenUp()
    else if (name === 'signal' && type === 'kept') this.#checkKept(body)
    else if (name === 'signal' && (type === 'restart' || type === 'rebuild')) this.#requested(type, position)
    else if (this.#position.ahead(position) === 0 && this.#link !== undefined) this.#link.receive(name, body)
    else if (name === 'offer' && !this.#initiator && this.#position.mayFollow(position) && this.#mayTakeOffer()) {
      this.#link?.close()
      this.#position.newest = position
      this.#recovery.offered((body as { relay?: unknown }).relay === true)
      this.#open(this.#options.rtc())
      this.#link?.receive(name, body)
    } else this.#dropped++
  }

  /** The other peer's `want` arrived, so the link works in both directions. An open link without it times out. */
  established(): void {
    this.#recovery.connected()
  }

  /** The other peer's id is unknown for now: buffers signals. An open link stays open. */
  pause(): void {
    this.#signals.pause()
    this.#recovery.pause()
  }

  /** The pair has a new number, and maybe other roles. A connected link stays open if `keepsLink` is true. */
  moved(number: number, initiator: boolean, keepsLink: boolean): void {
    this.#position.pair = number
    this.#initiator = initiator
    const isKept = keepsLink && this.#link?.isConnected === true
    const opensNext = initiator && this.#link === undefined
    this.#signals.resume(isKept)
    if (isKept) this.#kept.check(initiator, CONNECT_TIMEOUT)
    else this.#link?.close()
    this.#recovery.resume(opensNext)
  }

  /** The network seems to be back: recovery starts again with the least delay. */
  hurry(): void {
    this.#recovery.hurry()
  }

  /** Simulates a network outage of this many seconds. */
  interrupt(seconds: number): void {
    this.#recovery.interrupt(seconds)
  }

  /** @param notifies whether to send `bye`, so that the other peer starts no more links */
  close(notifies: boolean): void {
    if (this.#closed) return
    this.#closed = true
    this.#recovery.stop()
    if (notifies) this.#send('bye')
    this.#link?.leave()
  }

  /** @param relayed whether the offer declares that the link uses TURN only */
  #open(rtc: RTCConfiguration, relayed = false): void {
    try {
      this.#link = this.#make(rtc, relayed)
    } catch (cause) {
      this.#link = undefined
      // In a microtask, because the constructor's caller does not have this object yet.
      queueMicrotask(() => this.#openFailed(cause))
    }
  }

  /** @throws as `Link` */
  #make(rtc: RTCConfiguration, relayed: boolean): Link {
    const { wrtc } = this.#options
    const { number, attempt } = this.#position.newest
    const link: Link = new Link({
      ...this.#options,
      number,
      attempt,
      initiator: this.#initiator,
      rtc,
      wrtc,
      signal: (name, body) => this.#signals.send(name, relayed && name === 'offer' ? { ...body, relay: true } : body),
      connected: () => this.#options.connected(link.sender),
      disconnected: () => this.#recovery.disconnected(),
      reconnected: () => this.#recovery.reconnected(),
      closed: (error) => {
        if (this.#link === link) this.#link = undefined
        this.#dropped += link.droppedSignals
        this.#options.lost(link.sender)
        this.#kept.stop()
        if (this.#closed) return
        if (error !== undefined) return this.#options.failed(error)
        this.#options.renewRtc()
        this.#recovery.lost('failed')
      },
    })
    return link
  }

  #openFailed(cause: unknown): void {
    if (this.#closed) return
    if (cause instanceof PeerError) this.#options.failed(cause)
    else this.#recovery.lost('failed')
  }

  #restart(): void {
    this.#link?.restartIce(this.#options.rtc())
    if (!this.#link?.isInitiator) this.#send('restart')
  }

  #rebuild(relayed: boolean): void {
    if (!this.#initiator) {
      this.#send('rebuild')
      return
    }
    this.#position.advance()
    const rtc = this.#options.rtc()
    this.#open(relayed ? { ...rtc, iceTransportPolicy: 'relay' } : rtc, relayed)
  }

  /** Handles a request of the other peer. */
  #requested(type: 'restart' | 'rebuild', position: Position): void {
    const ahead = this.#position.ahead(position)
    if (type === 'rebuild' && this.#initiator && ahead >= 0) {
      if (!this.#recovery.isWaiting) this.#recovery.lost('asked')
    } else if (type === 'restart' && this.#link?.isInitiator && ahead === 0) {
      if (now() - this.#restarted < MIN_RESTART_INTERVAL) return
      this.#restarted = now()
      this.#link.restartIce(this.#options.rtc())
    } else this.#dropped++
  }

  #sendKept(): void {
    this.#signals.send('signal', { type: 'kept', link: this.#position.pair, fingerprint: this.#link?.ownFingerprint })
  }

  #checkKept(body: unknown): void {
    const { fingerprint } = body as { fingerprint?: unknown }
    if (!this.#kept.receive(fingerprint, this.#link?.sender.fingerprint)) this.#dropped++
  }

  #givenUp(): void {
    this.#options.failed(new PeerError('link-failed', 'The link failed: the peer gave it up'))
  }

  #send(type: 'restart' | 'rebuild' | 'bye'): void {
    const { pair, newest } = this.#position
    const { number, attempt } = newest
    this.#signals.send('signal', { type, link: type === 'bye' ? pair : number, ...(attempt > 0 ? { attempt } : {}) })
  }
}

function hasRelay({ iceServers = [] }: RTCConfiguration): boolean {
  return iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)))
}
