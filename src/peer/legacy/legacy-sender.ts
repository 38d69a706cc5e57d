import type { OutgoingChunk } from '../channel/mod.ts'
import { closeQuietly, countDropped, Inbox, RemoteClock, readQuality } from '../internal/mod.ts'
import type { LinkStats, OpenLink } from '../link/mod.ts'
import type { RemoteStream, RemoteTrack } from '../receive/mod.ts'
import type { Terms } from '../wire/mod.ts'
import type { LegacyConnection } from './legacy-connection.ts'

/** Maximum bytes in a channel. The rest is dropped and counted, because an old client cannot request it again. */
const MAX_BUFFERED = 1_048_576

/**
 * Sends publications to a client before version 1. Each track gets a channel with the track's label. The channel
 * carries JSON arrays of values, as the client's own `addData` takes them. An inbox decodes the publications first.
 */
export class LegacySender implements OpenLink {
  /** Undefined, because the certificate of such a connection identifies nobody. */
  readonly fingerprint: undefined
  readonly #connection: Pick<LegacyConnection, 'open' | 'stats'>
  readonly #inbox: Inbox
  readonly #channels = new Map<RemoteTrack, RTCDataChannel>()
  /** Terms of the current chunk. */
  #terms: Terms | undefined
  #closed = false

  /**
   * @param connection opens a channel for each track
   * @param taken called with the number of each publication that has ended
   */
  constructor(connection: Pick<LegacyConnection, 'open' | 'stats'>, taken: (publication: number) => void) {
    this.#connection = connection
    const events = {
      want() {},
      stream: (stream: RemoteStream) => this.#follow(stream),
      resumed() {},
      streamend: (stream: RemoteStream) => {
        for (const track of stream.getDataTracks()) this.#end(track)
      },
      moved() {},
      departed: () => undefined,
      taken,
      received() {},
    }
    this.#inbox = new Inbox(events, new RemoteClock())
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#inbox.receive(bytes)
  }

  sendTo(_stream: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#inbox.receive(bytes)
  }

  sendAfter(_streams: readonly number[], bytes: Uint8Array<ArrayBuffer>): void {
    this.#inbox.receive(bytes)
  }

  sendChunk(_stream: number, { bytes }: OutgoingChunk, terms: Terms): void {
    this.#terms = terms
    if (terms.reliable) this.#inbox.receive(bytes)
    else this.#inbox.receiveUnordered(bytes)
  }

  waiting(): { bytes: number; seconds: number } {
    return {
      bytes: Math.max(0, ...Array.from(this.#channels.values(), ({ bufferedAmount }) => bufferedAmount)),
      seconds: 0,
    }
  }

  /** Does not send audio and video, because each track would need another connection to the old client. */
  addMedia(): void {}

  removeMedia(): void {}

  async stats(): Promise<LinkStats | undefined> {
    const report = await this.#connection.stats()
    if (this.#closed || report === undefined) return undefined
    return {
      ...readQuality(report.values()),
      queuedBytes: this.waiting().bytes,
      queueAge: 0,
      tooLarge: 0,
      highMark: 0,
    }
  }

  close(): void {
    this.#closed = true
  }

  #follow(stream: RemoteStream): void {
    for (const track of stream.getDataTracks()) this.#begin(track)
    stream.addEventListener('addtrack', ({ track }) => this.#begin(track as RemoteTrack))
    stream.addEventListener('removetrack', ({ track }) => this.#end(track as RemoteTrack))
  }

  #begin(track: RemoteTrack): void {
    const channel = this.#connection.open(track.contentHint || track.label)
    if (channel === undefined) return
    this.#channels.set(track, channel)
    // Samples before the channel opens are lost, as they are between old clients.
    track.subscribe((values) => {
      const text = JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? Number(value) : value))
      const isSent = trySend(channel, text)
      if (!isSent && this.#terms !== undefined) countDropped(this.#terms, values.length, text.length)
    })
  }

  #end(track: RemoteTrack): void {
    const channel = this.#channels.get(track)
    this.#channels.delete(track)
    if (channel !== undefined) closeQuietly(channel)
  }
}

/** @returns false if the channel is full or closed; another thread may close it after its state was read */
function trySend(channel: RTCDataChannel, text: string): boolean {
  if (channel.readyState !== 'open' || channel.bufferedAmount + text.length > MAX_BUFFERED) return false
  try {
    channel.send(text)
    return true
  } catch {
    return false
  }
}
