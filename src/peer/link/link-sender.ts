import { now } from '../../streams/mod.ts'
import type { FlowControlledChannel, OutgoingChunk } from '../channel/mod.ts'
import { countDropped, type Terms } from '../wire/mod.ts'
import { wasNeverAdded } from './link-errors.ts'
import { readQuality, reportOf } from './link-quality.ts'
import type { LinkStats, OpenLink, Waiting } from './receiver.ts'
import { attributeOf, maxMessageSize } from './session-description.ts'
import type { SimplePeerInstance } from './simple-peer.ts'

export interface LinkSenderOptions {
  peer: SimplePeerInstance
  /** The channel that is unordered and without retransmission. */
  latest: FlowControlledChannel
  /** Calls WebRTC, which may throw. */
  attempt(call: () => void): void
}

/** Sends controls, chunks and media over a link. */
export class LinkSender implements OpenLink {
  readonly #options: LinkSenderOptions
  /** The ordered channel; undefined unless the link is open. */
  #main: FlowControlledChannel | undefined
  /** Largest message that the other peer accepts, in bytes. */
  #maxMessage = 0
  #tooLarge = 0
  #closed = false

  constructor(options: LinkSenderOptions) {
    this.#options = options
  }

  open(main: FlowControlledChannel): void {
    this.#main = main
    this.#maxMessage = maxMessageSize(this.#options.peer._pc?.remoteDescription)
  }

  /** Sends nothing more. The queues still show what the peer has not received. */
  close(): void {
    this.#closed = true
    for (const channel of this.#channels) channel.close()
  }

  get isOpen(): boolean {
    return this.#main !== undefined && !this.#closed
  }

  get fingerprint(): string | undefined {
    return attributeOf(this.#options.peer._pc?.remoteDescription, 'fingerprint')
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#fits(bytes)) this.#main?.send(bytes)
  }

  sendTo(stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#fits(bytes)) return
    this.#main?.scheduler.pushTo(stream, bytes)
    this.#main?.drain()
  }

  sendAfter(streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#fits(bytes)) return
    this.#main?.scheduler.pushAfter(streams, bytes)
    this.#main?.drain()
  }

  sendChunk(stream: number, chunk: OutgoingChunk, terms: Terms): void {
    const channel = terms.reliable ? this.#main : this.#options.latest
    if (channel === undefined || this.#closed) return
    if (this.#fits(chunk.bytes)) channel.sendChunk(stream, chunk, terms)
    else countDropped(terms, chunk.samples, chunk.bytes.length)
  }

  waiting(stream: number): Waiting {
    const queues = this.#channels.map(({ scheduler }) => scheduler.queueOf(stream))
    const at = now()
    return {
      bytes: Math.max(...queues.map((queue) => queue?.bytes ?? 0)),
      seconds: Math.max(...queues.map((queue) => queue?.age(at) ?? 0)),
    }
  }

  async stats(): Promise<LinkStats | undefined> {
    const report = await reportOf(this.#options.peer._pc)
    if (this.#main === undefined || this.#closed || report === undefined) return undefined
    const at = now()
    return {
      ...readQuality(report.values()),
      queuedBytes: this.#channels.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0),
      queueAge: Math.max(...this.#channels.map(({ scheduler }) => scheduler.age(at))),
      tooLarge: this.#tooLarge,
      highMark: this.#main.highMark,
    }
  }

  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    const { peer, attempt } = this.#options
    attempt(() => peer.addTrack(track, stream))
  }

  removeMedia(track: MediaStreamTrack, stream: MediaStream): void {
    const { peer, attempt } = this.#options
    attempt(() => {
      try {
        peer.removeTrack(track, stream)
      } catch (cause) {
        if (!wasNeverAdded(cause)) throw cause
      }
    })
  }

  get #channels(): FlowControlledChannel[] {
    return [this.#main, this.#options.latest].filter((channel) => channel !== undefined)
  }

  #fits({ length }: Uint8Array): boolean {
    if (this.#closed) return false
    if (this.#main === undefined || length <= this.#maxMessage) return true
    this.#tooLarge++
    return false
  }
}
