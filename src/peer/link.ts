import type { RelayName } from '../protocol/mod.ts'
import { now } from '../streams/mod.ts'
import type { BufferLimits, Terms } from './delivery.ts'
import { PeerError } from './errors.ts'
import { FlowControlledChannel } from './flow-controlled-channel.ts'
import { type LinkQuality, readQuality } from './link-quality.ts'
import { SignalGuard, toWire } from './signal-guard.ts'
import { createSideChannel, createSimplePeer, type SimplePeerInstance, type Wrtc } from './simple-peer.ts'
import type { OutgoingChunk } from './stream-queue.ts'

export interface LinkOptions {
  /** The server's number of this incarnation of the pair. */
  number: number
  initiator: boolean
  rtc: RTCConfiguration
  wrtc: Wrtc | undefined
  signal(name: RelayName, body: unknown): void
  connected(): void
  message(data: Uint8Array | string): void
  /** A message on the channel that neither orders nor repeats. */
  unordered(data: Uint8Array): void
  /** Some of what waited was sent. */
  drained(): void
  /** Probes can be sent from now on. */
  clockOpen(): void
  clockMessage(data: Uint8Array): void
  track(track: MediaStreamTrack, stream: MediaStream): void
  /** Called once; the error says why where nobody wanted it. */
  closed(error: Error | undefined): void
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
      const { name, body } = toWire(signal, options.number)
      options.signal(name, body)
    })
    peer.on('connect', () => this.#connected())
    peer.on('data', (data) => {
      if (!this.#closed) options.message(data)
    })
    peer.on('track', (track, stream) => {
      if (!this.#closed) options.track(track, stream)
    })
    peer.on('error', (cause) => this.close(new PeerError('link-failed', `The link failed: ${cause.message}`, cause)))
    peer.on('close', () => this.close())
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
        else this.close(new PeerError('link-failed', 'The link failed as a signal could not be used', cause))
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

  sendClock(bytes: Uint8Array<ArrayBuffer>): void {
    const { readyState, bufferedAmount } = this.#clock
    if (readyState === 'open' && bufferedAmount < MAX_CLOCK_BYTES) this.#clock.send(bytes)
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

  #openClock(): RTCDataChannel {
    const channel = createSideChannel(this.#peer, 'clock', CLOCK_CHANNEL)
    channel.addEventListener('open', () => {
      if (!this.#closed) this.#options.clockOpen()
    })
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!this.#closed)
        this.#options.clockMessage(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0))
    })
    return channel
  }

  #openLatest(): FlowControlledChannel {
    const channel = createSideChannel(this.#peer, 'latest', LATEST_CHANNEL)
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!this.#closed) this.#options.unordered(data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(0))
    })
    return new FlowControlledChannel(channel, { now, drained: this.#options.drained })
  }

  #connected(): void {
    const channel = this.#peer._channel
    if (this.#closed || channel === null) return
    this.#main = new FlowControlledChannel(channel, { now, drained: this.#options.drained })
    this.#options.connected()
  }
}
