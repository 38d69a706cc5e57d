import { RemoteClock } from '../../streams/mod.ts'
import type { OutgoingChunk } from '../channel/mod.ts'
import { type LinkStats, type OpenLink, readQuality } from '../link/mod.ts'
import { Inbox, type RemoteStream, type RemoteTrack } from '../receive/mod.ts'
import { closeQuietly } from '../shared/mod.ts'
import { countDropped, type Terms } from '../wire/mod.ts'
import type { LegacyConnection } from './legacy-connection.ts'

/** Bytes that a channel may hold; what is beyond is dropped, and counted, as nobody at the other end can ask again. */
const MAX_BUFFERED = 1_048_576

/**
 * Sends what is published to a client before version 1: one channel for each track, labelled as the track is, and on it
 * the JSON of arrays of values, as the client's own `addData` takes them. It is read as any other receiver would.
 */
export class LegacySender implements OpenLink {
  /** Nobody is known by the certificate of such a connection. */
  readonly fingerprint: undefined
  readonly #connection: Pick<LegacyConnection, 'open' | 'stats'>
  readonly #inbox: Inbox
  readonly #channels = new Map<RemoteTrack, RTCDataChannel>()
  /** Of the chunk at hand. */
  #terms: Terms | undefined
  #closed = false

  /**
   * @param connection has a channel for each track
   * @param taken hears of a publication that is over
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
      leftBehind: () => undefined,
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
    if (terms.delivery === 'reliable') this.#inbox.receive(bytes)
    else this.#inbox.receiveUnordered(bytes)
  }

  waiting(): { bytes: number; seconds: number } {
    return {
      bytes: Math.max(0, ...Array.from(this.#channels.values(), ({ bufferedAmount }) => bufferedAmount)),
      seconds: 0,
    }
  }

  /** Sound and pictures are not sent: each would cost the other side another connection. */
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
    // What comes before it is open is lost, as with a client of that time.
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

/** @returns false where the channel has no room, or is closed: on another thread, maybe since its state was read */
function trySend(channel: RTCDataChannel, text: string): boolean {
  if (channel.readyState !== 'open' || channel.bufferedAmount + text.length > MAX_BUFFERED) return false
  try {
    channel.send(text)
    return true
  } catch {
    return false
  }
}
