import type { RelayName } from '../../protocol/mod.ts'
import { now } from '../../streams/mod.ts'
import { FlowControlledChannel, type OutgoingChunk } from '../channel/mod.ts'
import { countDropped, type Terms } from '../wire/mod.ts'
import { ClockChannel } from './clock-channel.ts'
import { failureOf, isMisuse, wasNeverAdded } from './link-errors.ts'
import type { LinkOptions, LinkStats, Waiting } from './link-options.ts'
import { readQuality, reportOf } from './link-quality.ts'
import { attributeOf, maxMessageSize } from './session-description.ts'
import { SignalGuard, toWire } from './signal-guard.ts'
import { createSideChannel, createSimplePeer, type SimplePeerInstance } from './simple-peer.ts'

/** Id of the negotiated channel without retransmission, the same on both sides. */
const LATEST_CHANNEL = 100

/**
 * One RTCPeerConnection to another peer.
 *
 * Any WebRTC call may throw although the state allowed it, because the state changes on another thread. The connection
 * is then closing. The link catches the error and closes too, instead of throwing.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #guard: SignalGuard
  readonly #peer: SimplePeerInstance
  readonly #latest: FlowControlledChannel
  #main: FlowControlledChannel | undefined
  /** Largest message that the other peer accepts, in bytes. */
  #maxMessage = 0
  #tooLarge = 0
  #closed = false
  /** The other peer's ICE user fragment when a candidate pair last worked. */
  #fragment: string | undefined
  #wasRestarted = false

  /** @throws as `createSimplePeer` */
  constructor(options: LinkOptions) {
    const { initiator, rtc, wrtc } = options
    this.#options = options
    this.#guard = new SignalGuard(initiator)
    const peer = createSimplePeer({ initiator, config: rtc, wrtc, objectMode: true })
    this.#peer = peer
    // Listen before anything can throw: simple-peer's `error` event without a listener is an uncaught exception.
    peer.on('error', (cause) => this.close(failureOf(cause)))
    peer.on('close', () => this.close())
    peer.on('unusable', () => this.#guard.dropped++)
    try {
      this.#openClock()
      this.#latest = this.#openLatest()
    } catch (cause) {
      this.#closed = true
      peer.destroy()
      throw cause
    }
    peer.on('signal', (signal) => {
      if (this.#closed) return
      this.#guard.sent(signal)
      const { name, body } = toWire(signal, options.number, options.attempt)
      options.signal(name, body)
    })
    this.#awaitMain()
    peer.on('data', (data) => {
      if (!this.#closed) options.message(data)
    })
    peer.on('track', (track, stream) => {
      if (!this.#closed) options.track(track, stream)
    })
    peer._pc?.addEventListener('iceconnectionstatechange', () => this.#iceStateChanged())
  }

  get isInitiator(): boolean {
    return this.#options.initiator
  }

  get isConnected(): boolean {
    return this.#main !== undefined
  }

  /** Whether an ICE restart found the current candidate pair (RFC 8445, section 9). */
  get wasRestarted(): boolean {
    return this.#wasRestarted
  }

  /** Fingerprint of the other peer's certificate. A connected link proves that the peer owns its key (RFC 8122). */
  get fingerprint(): string | undefined {
    return attributeOf(this.#peer._pc?.remoteDescription, 'fingerprint')
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

  receive(name: RelayName, body: unknown): void {
    for (const signal of this.#guard.receive(name, body)) {
      if (this.#peer.destroyed) return
      this.#attempt(() => this.#peer.signal(signal))
    }
  }

  /** Sends a control ahead of all chunks. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#fits(bytes)) this.#main?.send(bytes)
  }

  /** Sends a control after everything that the stream has queued. */
  sendTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#fits(bytes)) return
    this.#main?.scheduler.pushTo(stream, bytes)
    this.#main?.drain()
  }

  /** Sends a control after everything that these streams have queued. */
  sendAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#fits(bytes)) return
    this.#main?.scheduler.pushAfter(streams, bytes)
    this.#main?.drain()
  }

  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): void {
    const channel = terms.reliable ? this.#main : this.#latest
    if (channel === undefined) return
    if (this.#fits(chunk.bytes)) channel.sendChunk(stream, chunk, terms)
    else countDropped(terms, chunk.samples, chunk.bytes.length)
  }

  /** @returns what a stream has buffered for this peer */
  waiting(stream: number): Waiting {
    const queues = [this.#main, this.#latest].map((channel) => channel?.scheduler.queueOf(stream))
    const at = now()
    return {
      bytes: Math.max(...queues.map((queue) => queue?.bytes ?? 0)),
      seconds: Math.max(...queues.map((queue) => queue?.age(at) ?? 0)),
    }
  }

  /** @returns the buffers of all streams and the quality of the link; undefined once the link is closed */
  async stats(): Promise<LinkStats | undefined> {
    const report = await reportOf(this.#peer._pc)
    if (this.#closed || report === undefined) return undefined
    const channels = [this.#main, this.#latest].filter((channel) => channel !== undefined)
    const at = now()
    return {
      ...readQuality(report.values()),
      queuedBytes: channels.reduce((sum, channel) => sum + channel.queuedBytes, 0),
      queueAge: Math.max(...channels.map(({ scheduler }) => scheduler.age(at))),
      tooLarge: this.#tooLarge,
      highMark: this.#main?.highMark ?? 0,
    }
  }

  /** @throws simple-peer's error for a track that was added to the same stream before */
  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    this.#attempt(() => this.#peer.addTrack(track, stream))
  }

  removeMedia(track: MediaStreamTrack, stream: MediaStream): void {
    this.#attempt(() => {
      try {
        this.#peer.removeTrack(track, stream)
      } catch (cause) {
        if (!wasNeverAdded(cause)) throw cause
      }
    })
  }

  close(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    this.#main = undefined
    this.#peer.destroy()
    this.#options.closed(error)
  }

  #iceStateChanged(): void {
    const state = this.#peer._pc?.iceConnectionState
    if (this.#closed || this.#main === undefined) return
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

  #fits({ length }: Uint8Array): boolean {
    if (this.#main === undefined || length <= this.#maxMessage) return true
    this.#tooLarge++
    return false
  }

  #openClock(): void {
    const { clockOpen, clockMessage } = this.#options
    new ClockChannel(this.#peer, {
      open: (send) => {
        if (!this.#closed) clockOpen(send)
      },
      message: (data) => {
        if (!this.#closed) clockMessage(data)
      },
      failed: () => this.#closeSoon(),
    })
  }

  #openLatest(): FlowControlledChannel {
    const channel = createSideChannel(this.#peer, 'latest', LATEST_CHANNEL, (data) => {
      if (!this.#closed) this.#options.unordered(data)
    })
    return this.#flowControlled(channel)
  }

  #flowControlled(channel: RTCDataChannel): FlowControlledChannel {
    return new FlowControlledChannel(channel, {
      now,
      drained: this.#options.drained,
      failed: () => this.#closeSoon(),
    })
  }

  /**
   * Listens to the channel directly. simple-peer's stream creates a Buffer and a timer for each message. They cost more
   * than all processing here. A stream that already holds messages stays in use, or new messages would overtake them.
   */
  #listenTo(channel: RTCDataChannel): void {
    if (this.#peer.readableLength > 0) return
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!this.#closed) this.#options.message(data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string))
    }
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
    if (this.#closed || this.#main !== undefined) return
    this.#maxMessage = maxMessageSize(this.#peer._pc?.remoteDescription)
    this.#main = this.#flowControlled(channel)
    this.#fragment = this.#remoteFragment
    this.#listenTo(channel)
    this.#options.connected()
  }
}
