import { isObject, type RelayName } from '../../protocol/mod.ts'
import { now } from '../../streams/mod.ts'
import { afterSeconds, PeerError } from '../shared/mod.ts'
import { Link } from './link.ts'
import type { LinkHandlers } from './link-options.ts'
import { offerLimit } from './offer-limit.ts'
import type { OpenLink } from './receiver.ts'
import { CONNECT_TIMEOUT, type Recovered, type Recovering, Recovery } from './recovery.ts'
import type { Wrtc } from './simple-peer.ts'

export interface LinksOptions extends Omit<LinkHandlers, 'connected' | 'closed' | 'disconnected' | 'reconnected'> {
  /** The server's number of the pair. */
  number: number
  /** Whether this side creates the links. */
  initiator: boolean
  /** @returns the configuration of the next link */
  rtc(): RTCConfiguration
  /** A link was lost: requests new TURN credentials, because the current ones may have expired. */
  renewRtc(): void
  wrtc: Wrtc | undefined
  signal(name: RelayName, body: unknown): void
  connected(link: OpenLink): void
  /** The link is closed. Another may follow. */
  lost(link: OpenLink): void
  recovering(detail: Recovering): void
  /** @param restarted whether an ICE restart found the new candidate pair */
  recovered(detail: Recovered, restarted: boolean): void
  /** The pair gets no other link. */
  failed(error: Error): void
}

/** Identifies one link of a pair, and orders them: by the server's number of the pair, then by attempt. */
interface Position {
  number: number
  attempt: number
}

/** An offer may be at most this many attempts ahead of the newest link: offers in between may be lost. */
export const MAX_JUMP = 1_024
/** Minimum seconds between two ICE restarts that the other peer requests. */
const RESTARTS_APART = 2
/** Maximum number of buffered signals while the other peer's new id is unknown. */
const MAX_HELD = 256

/** The links of one pair, one after the other. Replaces a lost link for as long as both peers are in the room. */
export class Links {
  /** Signals of closed links, and signals that could not be used. */
  #dropped = 0
  readonly #options: LinksOptions
  readonly #recovery: Recovery
  #number: number
  #initiator: boolean
  #position: Position
  #link: Link | undefined
  readonly #mayTakeOffer: () => boolean = offerLimit()
  #restarted = Number.NEGATIVE_INFINITY
  /** Buffered signals while the other peer's new id is unknown. */
  #held: [RelayName, unknown][] | undefined
  #closed = false
  /** Cancels the timeout for the other peer's `kept`; undefined while none is expected. */
  #kept: (() => void) | undefined

  /** Opens the first link at once. */
  constructor(options: LinksOptions) {
    this.#options = options
    this.#number = options.number
    this.#initiator = options.initiator
    this.#position = { number: options.number, attempt: 0 }
    const links = this
    this.#recovery = new Recovery({
      now,
      after: afterSeconds,
      random: Math.random,
      get drives() {
        return links.#initiator
      },
      get hasRelay() {
        return hasRelay(options.rtc())
      },
      restart: () => this.#restart(),
      drop: () => this.#link?.close(),
      rebuild: (relayed) => this.#rebuild(relayed),
      recovering: options.recovering,
      recovered: (detail) => options.recovered(detail, this.#link?.wasRestarted ?? false),
    })
    this.#open(options.rtc())
  }

  get dropped(): number {
    return this.#dropped + (this.#link?.droppedSignals ?? 0)
  }

  /** Whether a signal with this pair number is about one of these links. */
  accepts(number: unknown): boolean {
    return number === this.#number || number === this.#position.number
  }

  receive(name: RelayName, body: unknown): void {
    const position = this.#positionOf(body)
    const type = isObject(body) ? body.type : undefined
    if (this.#closed || position === undefined) this.#dropped++
    else if (name === 'signal' && type === 'bye') this.#farewell()
    else if (name === 'signal' && type === 'kept') this.#checkKept(body)
    else if (name === 'signal' && (type === 'restart' || type === 'rebuild')) this.#asked(type, position)
    else if (this.#ahead(position) === 0 && this.#link !== undefined) this.#link.receive(name, body)
    else if (name === 'offer' && this.#mayOpen(position)) {
      this.#link?.close()
      this.#position = position
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
    this.#held ??= []
    this.#recovery.pause()
  }

  /** The pair has a new number, and maybe other roles. A connected link stays open if `keepsLink` is true. */
  moved(number: number, initiator: boolean, keepsLink: boolean): void {
    this.#number = number
    this.#initiator = initiator
    const held = this.#held ?? []
    this.#held = undefined
    if (keepsLink && this.#link?.isConnected) {
      for (const [name, body] of held) this.#options.signal(name, body)
      // The server vouches for the sender of `kept`, and its fingerprint proves that the link is the same.
      this.#kept = afterSeconds(CONNECT_TIMEOUT, () => this.#recovery.lost('moved'))
      if (initiator) this.#sayKept()
    } else this.#link?.close()
    this.#recovery.resume()
  }

  /** The network seems to be back: recovery starts again with the least delay. */
  hurry(): void {
    this.#recovery.hurry()
  }

  /** Simulates a network outage of this many seconds. */
  interrupt(seconds: number): void {
    this.#recovery.hold(seconds)
  }

  /** @param says whether to notify the other peer with `bye` that no other link follows */
  close(says: boolean): void {
    if (this.#closed) return
    this.#closed = true
    this.#recovery.stop()
    if (says) this.#say('bye')
    this.#link?.close()
  }

  /** @param relayed whether the offer declares that the link uses TURN only */
  #open(rtc: RTCConfiguration, relayed = false): void {
    try {
      this.#link = this.#make(rtc, relayed)
    } catch (cause) {
      this.#link = undefined
      // In a microtask, because the constructor's caller does not have this object yet.
      queueMicrotask(() => this.#notMade(cause))
    }
  }

  /** @throws as `Link` */
  #make(rtc: RTCConfiguration, relayed: boolean): Link {
    const { wrtc } = this.#options
    const { number, attempt } = this.#position
    const link: Link = new Link({
      ...this.#options,
      number,
      attempt,
      initiator: this.#initiator,
      rtc,
      wrtc,
      signal: (name, body) => this.#signal(name, relayed && name === 'offer' ? { ...body, relay: true } : body),
      connected: () => this.#options.connected(link),
      disconnected: () => this.#recovery.disconnected(),
      reconnected: () => this.#recovery.reconnected(),
      closed: (error) => {
        if (this.#link === link) this.#link = undefined
        this.#dropped += link.droppedSignals
        this.#options.lost(link)
        this.#forgetKept()
        if (this.#closed) return
        if (error !== undefined) return this.#options.failed(error)
        this.#options.renewRtc()
        this.#recovery.lost('failed')
      },
    })
    return link
  }

  #notMade(cause: unknown): void {
    if (this.#closed) return
    if (cause instanceof PeerError) this.#options.failed(cause)
    else this.#recovery.lost('failed')
  }

  #restart(): void {
    this.#link?.restartIce(this.#options.rtc())
    if (!this.#link?.isInitiator) this.#say('restart')
  }

  #rebuild(relayed: boolean): void {
    if (!this.#initiator) {
      this.#say('rebuild')
      return
    }
    const { number, attempt } = this.#position
    this.#position = number === this.#number ? { number, attempt: attempt + 1 } : { number: this.#number, attempt: 0 }
    const rtc = this.#options.rtc()
    this.#open(relayed ? { ...rtc, iceTransportPolicy: 'relay' } : rtc, relayed)
  }

  /** Handles a request of the other peer. */
  #asked(type: 'restart' | 'rebuild', position: Position): void {
    const ahead = this.#ahead(position)
    if (type === 'rebuild' && this.#initiator && ahead >= 0) {
      if (!this.#recovery.isWaiting) this.#recovery.lost('asked')
    } else if (type === 'restart' && this.#link?.isInitiator && ahead === 0) {
      if (now() - this.#restarted < RESTARTS_APART) return
      this.#restarted = now()
      this.#link.restartIce(this.#options.rtc())
    } else this.#dropped++
  }

  #sayKept(): void {
    this.#signal('signal', { type: 'kept', link: this.#number, fingerprint: this.#link?.ownFingerprint })
  }

  /** Checks by fingerprint that both peers kept the same link. */
  #checkKept(body: unknown): void {
    if (this.#kept === undefined) {
      this.#dropped++
      return
    }
    this.#forgetKept()
    const { fingerprint } = body as { fingerprint?: unknown }
    if (fingerprint !== this.#link?.fingerprint) this.#recovery.lost('moved')
    else if (!this.#initiator) this.#sayKept()
  }

  #forgetKept(): void {
    this.#kept?.()
    this.#kept = undefined
  }

  #farewell(): void {
    this.#options.failed(new PeerError('link-failed', 'The link failed: the peer gave it up'))
  }

  #say(type: 'restart' | 'rebuild' | 'bye'): void {
    const { number, attempt } = this.#position
    this.#signal('signal', { type, link: type === 'bye' ? this.#number : number, ...(attempt > 0 ? { attempt } : {}) })
  }

  #signal(name: RelayName, body: Record<string, unknown>): void {
    if (this.#held === undefined) this.#options.signal(name, body)
    else if (this.#held.length < MAX_HELD) this.#held.push([name, body])
    else this.#dropped++
  }

  /** @returns undefined if the signal has no valid position */
  #positionOf(body: unknown): Position | undefined {
    const { link = this.#number, attempt = 0 } = isObject(body) ? body : {}
    if (!this.accepts(link) || !Number.isSafeInteger(attempt) || (attempt as number) < 0) return undefined
    return { number: link as number, attempt: attempt as number }
  }

  /** @returns above 0 for a link newer than the newest one, below 0 for an older one */
  #ahead({ number, attempt }: Position): number {
    return Math.sign(number - this.#position.number) || attempt - this.#position.attempt
  }

  /** Whether an offer may open a new link. Limits how far attempts jump, and how often offers come. */
  #mayOpen(position: Position): boolean {
    const ahead = this.#ahead(position)
    if (this.#initiator || ahead <= 0 || position.attempt - this.#attemptOf(position.number) > MAX_JUMP) return false
    return this.#mayTakeOffer()
  }

  #attemptOf(number: number): number {
    return number === this.#position.number ? this.#position.attempt : 0
  }
}

function hasRelay({ iceServers = [] }: RTCConfiguration): boolean {
  return iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/.test(url)))
}
