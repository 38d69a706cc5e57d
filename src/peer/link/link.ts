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

/** The number of the channel for what is not worth repeating, on both sides. */
const LATEST_CHANNEL = 100

/**
 * One RTCPeerConnection to one other person.
 *
 * Whatever is called on it may throw although its state allowed the call: the state changes on another thread. The link
 * is then closing, and closes here as well; nothing is thrown at whoever uses it.
 */
export class Link {
  readonly #options: LinkOptions
  readonly #guard: SignalGuard
  readonly #peer: SimplePeerInstance
  readonly #latest: FlowControlledChannel
  #main: FlowControlledChannel | undefined
  /** Bytes of the largest message that the other side takes. */
  #maxMessage = 0
  #tooLarge = 0
  #closed = false
  /** The ICE user fragment of the other side while the way was open. */
  #fragment: string | undefined
  #wasRestarted = false

  /** @throws as createSimplePeer */
  constructor(options: LinkOptions) {
    const { initiator, rtc, wrtc } = options
    this.#options = options
    this.#guard = new SignalGuard(initiator)
    const peer = createSimplePeer({ initiator, config: rtc, wrtc, objectMode: true })
    this.#peer = peer
    // Before anything can throw: an error of simple-peer that nobody listens for is thrown at nobody.
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
    peer._pc?.addEventListener('iceconnectionstatechange', () => this.#wayChanged())
  }

  get isInitiator(): boolean {
    return this.#options.initiator
  }

  get isConnected(): boolean {
    return this.#main !== undefined
  }

  /** Whether it found its newest way by an ICE restart (RFC 8445, section 9). */
  get wasRestarted(): boolean {
    return this.#wasRestarted
  }

  /** Of the other side's certificate, which it has proved to have the key of once the link is connected (RFC 8122). */
  get fingerprint(): string | undefined {
    return attributeOf(this.#peer._pc?.remoteDescription, 'fingerprint')
  }

  get ownFingerprint(): string | undefined {
    return attributeOf(this.#peer._pc?.localDescription, 'fingerprint')
  }

  /**
   * Looks for another way, with what is on its way kept: the initiator begins, and the other side follows with its own
   * candidates. Either looks with the servers as they are by now, as credentials that it began with may have expired.
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

  /** Signals that came and could not be used. */
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

  /** Sends a control behind what a stream has waiting. */
  sendTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#fits(bytes)) return
    this.#main?.scheduler.pushTo(stream, bytes)
    this.#main?.drain()
  }

  /** Sends a control behind what these streams have waiting. */
  sendAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#fits(bytes)) return
    this.#main?.scheduler.pushAfter(streams, bytes)
    this.#main?.drain()
  }

  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): void {
    const channel = terms.delivery === 'reliable' ? this.#main : this.#latest
    if (channel === undefined) return
    if (this.#fits(chunk.bytes)) channel.sendChunk(stream, chunk, terms)
    else countDropped(terms, chunk.samples, chunk.bytes.length)
  }

  /** What a stream has waiting. */
  waiting(stream: number): Waiting {
    const queues = [this.#main, this.#latest].map((channel) => channel?.scheduler.queueOf(stream))
    const at = now()
    return {
      bytes: Math.max(...queues.map((queue) => queue?.bytes ?? 0)),
      seconds: Math.max(...queues.map((queue) => queue?.age(at) ?? 0)),
    }
  }

  /** What all streams have waiting, and how good the way is; undefined once it is closed. */
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

  /** @throws what simple-peer says of a track that it had before */
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

  #wayChanged(): void {
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

  /** Calls WebRTC; closes the link where that fails, unless it is the caller's fault. */
  #attempt(call: () => void): void {
    if (this.#closed) return
    try {
      call()
    } catch (cause) {
      if (isMisuse(cause)) throw cause
      this.#closeSoon()
    }
  }

  /** In a turn of its own: whoever uses the link is in the middle of something. */
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
   * Hears the channel itself: simple-peer's stream makes a Buffer of each message, and a timer, which cost more than all
   * that is done with it here. Where its stream holds some already, they would be overtaken, so it stays.
   */
  #hear(channel: RTCDataChannel): void {
    if (this.#peer.readableLength > 0) return
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!this.#closed) this.#options.message(data instanceof ArrayBuffer ? new Uint8Array(data) : (data as string))
    }
  }

  /** The channel's own word that it is open: simple-peer's `connect` comes only after it has asked for statistics. */
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
    this.#hear(channel)
    this.#options.connected()
  }
}
