import type { RelayName } from '../protocol/mod.ts'
import { now } from '../streams/mod.ts'
import type { BufferLimits, Terms } from './delivery.ts'
import { PeerError } from './errors.ts'
import { FlowControlledChannel } from './flow-controlled-channel.ts'
import { type LinkQuality, readQuality } from './link-quality.ts'
import { SignalGuard, toWire } from './signal-guard.ts'
import { createSideChannel, createSimplePeer, type SimplePeerInstance, type Wrtc } from './simple-peer.ts'
import type { OutgoingChunk } from './stream-queue.ts'

/** What comes of a link. */
export interface LinkHandlers {
  connected(): void
  /** There is no way to the other side at the moment; there is one again. */
  disconnected(): void
  reconnected(): void
  message(data: Uint8Array | string): void
  /** A message on the channel that neither orders nor repeats. */
  unordered(data: Uint8Array): void
  /** Some of what waited was sent. */
  drained(): void
  /** Probes can be sent from now on. */
  clockOpen(send: (bytes: Uint8Array<ArrayBuffer>) => void): void
  clockMessage(data: Uint8Array): void
  track(track: MediaStreamTrack, stream: MediaStream): void
  /** Called once; the error says why where another link would be no better. */
  closed(error: Error | undefined): void
}

export interface LinkOptions extends LinkHandlers {
  /** The server's number of the pair, and which of its links this is. */
  number: number
  attempt: number
  initiator: boolean
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  signal(name: RelayName, body: Record<string, unknown>): void
}

/** The number of the channel for what is not worth repeating, on both sides. */
const LATEST_CHANNEL = 100
/** The number of the channel that clocks are compared on, on both sides. */
const CLOCK_CHANNEL = 101
/** A probe that would wait behind this many bytes of others is not sent: it would say nothing. */
const MAX_CLOCK_BYTES = 1_024

/** Bytes that wait, and seconds since the oldest of them were made. */
export type Waiting = BufferLimits

export interface LinkStats extends LinkQuality {
  /** Bytes that wait to be sent, those inside of the channels included, and the age in s of the oldest chunk. */
  queuedBytes: number
  queueAge: number
  /** Bytes that the ordered channel may hold at the moment; what is inside of it cannot be overtaken. */
  highMark: number
}

/** One RTCPeerConnection to one other person. */
export class Link {
  readonly #options: LinkOptions
  readonly #guard: SignalGuard
  readonly #peer: SimplePeerInstance
  readonly #clock: RTCDataChannel
  readonly #latest: FlowControlledChannel
  #main: FlowControlledChannel | undefined
  #closed = false
  /** The ICE user fragment of the other side while the way was open. */
  #fragment: string | undefined
  #wasRestarted = false

  constructor(options: LinkOptions) {
    const { initiator, rtc, wrtc } = options
    this.#options = options
    this.#guard = new SignalGuard(initiator)
    const peer = createSimplePeer({ initiator, config: rtc, wrtc, objectMode: true })
    this.#peer = peer
    this.#clock = this.#openClock()
    this.#latest = this.#openLatest()
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
    peer.on('error', (cause) => this.close(isHopeless(cause) ? failed(cause.message, cause) : undefined))
    peer.on('close', () => this.close())
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
    return lineOf(this.#peer._pc?.remoteDescription, 'fingerprint')
  }

  get ownFingerprint(): string | undefined {
    return lineOf(this.#peer._pc?.localDescription, 'fingerprint')
  }

  /**
   * Looks for another way, with what is on its way kept: the initiator begins, and the other side follows with its own
   * candidates. Either looks with the servers as they are by now, as credentials that it began with may have expired.
   */
  restartIce({ iceServers }: RTCConfiguration): void {
    const connection = this.#peer._pc
    if (this.#closed || connection === null) return
    connection.setConfiguration({ ...connection.getConfiguration(), iceServers })
    if (!this.isInitiator) return
    connection.restartIce()
    this.#peer.negotiate()
  }

  /** Signals that came and could not be used. */
  get droppedSignals(): number {
    return this.#guard.dropped
  }

  receive(name: RelayName, body: unknown): void {
    for (const signal of this.#guard.receive(name, body)) {
      if (this.#closed || this.#peer.destroyed) return
      try {
        this.#peer.signal(signal)
      } catch (cause) {
        // A candidate that RTCIceCandidate refuses to parse, for one: as good as none.
        if (signal.type === 'candidate') this.#guard.dropped++
        else this.close(failed('a signal could not be used', cause))
      }
    }
  }

  /** Sends a control ahead of all chunks. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#main?.send(bytes)
  }

  /** Sends a control behind what a stream has waiting. */
  sendTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#main?.scheduler.pushTo(stream, bytes)
    this.#main?.drain()
  }

  /** Sends a control behind what these streams have waiting. */
  sendAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    this.#main?.scheduler.pushAfter(streams, bytes)
    this.#main?.drain()
  }

  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): void {
    const channel = terms.delivery === 'reliable' ? this.#main : this.#latest
    channel?.sendChunk(stream, chunk, terms)
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
    const report = await this.#peer._pc?.getStats()
    if (this.#closed || report === undefined) return undefined
    const channels = [this.#main, this.#latest].filter((channel) => channel !== undefined)
    const at = now()
    return {
      ...readQuality(report.values()),
      queuedBytes: channels.reduce((sum, channel) => sum + channel.queuedBytes, 0),
      queueAge: Math.max(...channels.map(({ scheduler }) => scheduler.age(at))),
      highMark: this.#main?.highMark ?? 0,
    }
  }

  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    if (!this.#closed) this.#peer.addTrack(track, stream)
  }

  removeMedia(track: MediaStreamTrack, stream: MediaStream): void {
    if (!this.#closed) this.#peer.removeTrack(track, stream)
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
    return lineOf(this.#peer._pc?.remoteDescription, 'ice-ufrag')
  }

  #openClock(): RTCDataChannel {
    const channel = createSideChannel(this.#peer, 'clock', CLOCK_CHANNEL)
    channel.addEventListener('open', () => {
      if (!this.#closed) this.#options.clockOpen((bytes) => this.#sendClock(bytes))
    })
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!this.#closed)
        this.#options.clockMessage(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0))
    })
    return channel
  }

  #sendClock(bytes: Uint8Array<ArrayBuffer>): void {
    const { readyState, bufferedAmount } = this.#clock
    if (readyState === 'open' && bufferedAmount < MAX_CLOCK_BYTES) this.#clock.send(bytes)
  }

  #openLatest(): FlowControlledChannel {
    const channel = createSideChannel(this.#peer, 'latest', LATEST_CHANNEL)
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!this.#closed) this.#options.unordered(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0))
    })
    return new FlowControlledChannel(channel, { now, drained: this.#options.drained })
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
    this.#main = new FlowControlledChannel(channel, { now, drained: this.#options.drained })
    this.#fragment = this.#remoteFragment
    this.#hear(channel)
    this.#options.connected()
  }
}

/** The first attribute of that name (RFC 8866, section 5.13). */
const lineOf = (description: RTCSessionDescription | null | undefined, name: string): string | undefined =>
  new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(description?.sdp ?? '')?.[1]

const failed = (why: string, cause: unknown): PeerError =>
  new PeerError('link-failed', `The link failed: ${why}`, cause)

/** Errors of simple-peer that are the other side's fault, who sent a description that is none. */
const isHopeless = (error: Error): boolean =>
  // A connection that was closed in the middle of it takes none.
  error.name !== 'InvalidStateError' && hopeless.has((error as Error & { code?: unknown }).code)
const hopeless: ReadonlySet<unknown> = new Set(['ERR_SET_REMOTE_DESCRIPTION', 'ERR_SIGNALING'])
