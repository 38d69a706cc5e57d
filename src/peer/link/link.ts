import { isObject, type RelayName } from '../../protocol/both-ends.ts'
import { now } from '../../streams/mod.ts'
import { FlowControlledChannel } from '../channel/mod.ts'
import { probeSender } from '../clock/mod.ts'
import { afterSeconds } from '../shared/mod.ts'
import type { Want } from '../wire/mod.ts'
import { failureOf, isMisuse } from './link-errors.ts'
import type { LinkOptions } from './link-options.ts'
import { LinkSender } from './link-sender.ts'
import { attributeOf } from './session-description.ts'
import { SignalGuard, toWire } from './signal-guard.ts'
import { createSideChannel, createSimplePeer, type SimplePeerInstance, type SimpleSignal } from './simple-peer.ts'

/** Ids of the negotiated channels, the same on both sides. */
const LATEST_CHANNEL = 100
const CLOCK_CHANNEL = 101
/** How long wrtc keeps the connection of a peer that has left, in seconds: time for both sides to stop sending. */
const LINGER = 0.5

/**
 * One RTCPeerConnection to another peer: its signals, its channels, its end. `sender` sends over it.
 *
 * Any WebRTC call may throw although the state allowed it, because the state changes on another thread. The connection
 * is then closing. The link catches the error and closes too, instead of throwing.
 */
export class Link {
  readonly sender: LinkSender
  readonly #options: LinkOptions
  readonly #guard: SignalGuard
  readonly #peer: SimplePeerInstance
  #closed = false
  /** Whether this side, and the other peer, has sent a description. Later ones carry no request. */
  #described = { own: false, other: false }
  /** The other peer's ICE user fragment when a candidate pair last worked. */
  #fragment: string | undefined
  #wasRestarted = false

  /** @throws as `createSimplePeer` */
  constructor(options: LinkOptions) {
    const { initiator, prepared, rtc, wrtc } = options
    this.#options = options
    this.#guard = new SignalGuard(initiator)
    const peer =
      (initiator ? prepared?.take(rtc) : undefined) ??
      createSimplePeer({ initiator, config: rtc, wrtc, objectMode: true })
    this.#peer = peer
    // Listen before anything can throw: simple-peer's `error` event without a listener is an uncaught exception.
    peer.on('error', (cause) => this.close(failureOf(cause)))
    peer.on('close', () => this.close())
    peer.on('unusable', () => this.#guard.dropped++)
    try {
      this.#openClock()
      this.sender = new LinkSender({ peer, latest: this.#openLatest(), attempt: (call) => this.#attempt(call) })
    } catch (cause) {
      this.#closed = true
      peer.destroy()
      throw cause
    }
    peer.on('signal', (signal) => this.#signal(signal))
    this.#awaitMain()
    peer.on('data', (data) => this.#message(data))
    peer.on('track', (track, stream) => {
      if (!this.#closed) options.track(track, stream)
    })
    peer._pc?.addEventListener('iceconnectionstatechange', () => this.#iceStateChanged())
  }

  get isInitiator(): boolean {
    return this.#options.initiator
  }

  get isConnected(): boolean {
    return this.sender.isOpen && !this.#closed
  }

  /** Whether an ICE restart found the current candidate pair (RFC 8445, section 9). */
  get wasRestarted(): boolean {
    return this.#wasRestarted
  }

  get ownFingerprint(): string | undefined {
    return attributeOf(this.#peer._pc?.localDescription, 'fingerprint')
  }

  /**
   * Restarts ICE without losing data in transit. The initiator sends an offer, and the other peer answers with its own
   * candidates. Both use the current ICE servers, because the credentials of the first ones may have expired.
   */
  restartIce({ iceServers }: RTCConfiguration): void {
    const connection = this.#peer._pc
    if (connection === null) return
    this.#attempt(() => {
      connection.setConfiguration({ ...connection.getConfiguration(), iceServers })
      if (!this.isInitiator) return
      connection.restartIce()
      this.#peer.negotiate()
    })
  }

  /** Received signals that could not be used. */
  get droppedSignals(): number {
    return this.#guard.dropped
  }

  /** Handles a signal of the other peer. */
  receive(name: RelayName, body: unknown): void {
    for (const signal of this.#guard.receive(name, body)) {
      if (this.#peer.destroyed) return
      if (isDescription(signal)) this.#takeRequest(body)
      this.#attempt(() => this.#peer.signal(signal))
    }
  }

  close(error?: Error): void {
    this.#end(() => this.#peer.destroy(), error)
  }

  /**
   * Closes the link after one of the peers has left. wrtc ends the process if a channel closes while its `send` runs.
   * The connection of wrtc therefore closes when the server has told the other peer, which then sends nothing.
   */
  leave(): void {
    const waits = this.isConnected && this.#options.wrtc !== undefined
    this.#end(() => (waits ? afterSeconds(LINGER, () => this.#peer.destroy()) : this.#peer.destroy()))
  }

  #end(disconnect: () => void, error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    disconnect()
    this.sender.close()
    this.#options.closed(error)
  }

  #signal(signal: SimpleSignal): void {
    if (this.#closed) return
    this.#guard.sent(signal)
    const { name, body } = toWire(signal, this.#options.number, this.#options.attempt)
    const want = isDescription(signal) ? this.#requestAhead() : undefined
    this.#options.signal(name, want === undefined ? body : { ...body, want })
  }

  #requestAhead(): Want | undefined {
    if (this.#described.own) return undefined
    this.#described.own = true
    return this.#options.ahead(this.sender.fingerprint)
  }

  #takeRequest(body: unknown): void {
    const { want } = body as { want?: unknown }
    const isFirst = !this.#described.other
    this.#described.other = true
    if (!isFirst || !isObject(want)) return
    const { history } = want
    if (typeof history === 'number' && history >= 0) this.#options.wantedAhead({ history })
    else this.#guard.dropped++
  }

  #message(data: Uint8Array | string): void {
    if (!this.#closed) this.#options.message(data)
  }

  #iceStateChanged(): void {
    const state = this.#peer._pc?.iceConnectionState
    if (!this.isConnected) return
    if (state === 'disconnected') this.#options.disconnected()
    if (state !== 'connected' && state !== 'completed') return
    const fragment = this.#remoteFragment
    this.#wasRestarted = this.#fragment !== fragment
    this.#fragment = fragment
    this.#options.reconnected()
  }

  get #remoteFragment(): string | undefined {
    return attributeOf(this.#peer._pc?.remoteDescription, 'ice-ufrag')
  }

  /** Calls WebRTC. If the call throws, the link closes, unless the caller added a track wrongly. */
  #attempt(call: () => void): void {
    if (this.#closed) return
    try {
      call()
    } catch (cause) {
      if (isMisuse(cause)) throw cause
      this.#closeSoon()
    }
  }

  /** Closes in a microtask, because the caller of the link is in the middle of another operation. */
  #closeSoon(): void {
    queueMicrotask(() => this.close())
  }

  #openClock(): void {
    const { clockOpen, clockMessage } = this.#options
    const channel = this.#openSide('clock', CLOCK_CHANNEL, clockMessage)
    const send = probeSender(channel, () => this.#closeSoon())
    channel.addEventListener('open', () => {
      if (!this.#closed) clockOpen(send)
    })
  }

  #openLatest(): FlowControlledChannel {
    return this.#flowControlled(this.#openSide('latest', LATEST_CHANNEL, this.#options.unordered))
  }

  #openSide(label: string, id: number, message: (data: Uint8Array) => void): RTCDataChannel {
    return createSideChannel(this.#peer, label, id, (data) => {
      if (!this.#closed) message(data)
    })
  }

  #flowControlled(channel: RTCDataChannel): FlowControlledChannel {
    const { drained } = this.#options
    return new FlowControlledChannel(channel, { now, drained, failed: () => this.#closeSoon() })
  }

  /** Waits for the channel's own `open` event: simple-peer requests statistics before it emits `connect`. */
  #awaitMain(): void {
    const whenOpen = (channel: RTCDataChannel) => {
      if (channel.readyState === 'open') this.#connected(channel)
      else channel.addEventListener('open', () => this.#connected(channel))
    }
    const { _channel: own, _pc: connection } = this.#peer
    if (own !== null) whenOpen(own)
    else connection?.addEventListener('datachannel', ({ channel }) => whenOpen(channel))
  }

  #connected(channel: RTCDataChannel): void {
    if (this.#closed || this.isConnected) return
    this.sender.open(this.#flowControlled(channel))
    this.#fragment = this.#remoteFragment
    this.#listenTo(channel)
    this.#options.connected()
  }

  /**
   * Listens to the channel directly. simple-peer's stream creates a Buffer and a timer for each message. They cost more
   * than all processing here. A stream that already holds messages stays in use, or new messages would overtake them.
   */
  #listenTo(channel: RTCDataChannel): void {
    if (this.#peer.readableLength > 0) return
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#message(data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string))
    }
  }
}

const isDescription = ({ type }: SimpleSignal): boolean => type === 'offer' || type === 'answer'
