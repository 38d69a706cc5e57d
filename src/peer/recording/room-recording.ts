import { type ChunkQueue, now, Recorder } from '../../streams/mod.ts'
import type { Chunk, RemoteStream } from '../receive/mod.ts'
import type { OwnStreams } from './loopback-streams.ts'
import type { RecordedPeer, RecordedRoom } from './recorded-room.ts'
import { StreamRecording } from './stream-recording.ts'

/** How often streams are looked at that may need a clock offset, in ms. */
const TICK = 1_000

/** What a recording has so far. */
export interface RoomRecordingStats {
  /** Streams in the file, those that are over included; one whose description changes is another from there on. */
  streams: number
  /** That the destination has taken, and its bytes. */
  samples: number
  bytes: number
  /** Samples that were lost on the way here, or that the destination was too slow for. */
  missed: number
  /** Since it was begun. */
  seconds: number
}

/** Writes what everybody in a room publishes as an XDF file; from `Membership.record`. */
export class RoomRecording {
  /** Settles when it is stopped and all is written; rejects with a StreamError `recording-failed` where it failed. */
  readonly closed: Promise<void>
  readonly #room: RecordedRoom
  readonly #recorder: Recorder
  readonly #streams = new Map<RemoteStream, StreamRecording>()
  readonly #readers = new Map<ChunkQueue<Chunk>, Promise<void>>()
  readonly #listening = new AbortController()
  readonly #began: number = now()
  /** Of streams that are over. */
  #missed = 0
  #stopping: Promise<void> | undefined

  /** @param own what one publishes oneself */
  constructor(room: RecordedRoom, own: OwnStreams, destination: WritableStream<Uint8Array>) {
    this.#room = room
    this.#recorder = new Recorder(destination)
    this.closed = this.#recorder.closed
    const { signal } = this.#listening
    for (const peer of [own, ...room.peers.values()]) this.#follow(peer)
    room.addEventListener('peer', ({ detail: peer }) => this.#follow(peer), { signal })
    // Whoever asks for `closed` hears why it failed.
    room.addEventListener('close', () => this.stop().catch(() => {}), { signal })
    const timer = setInterval(() => this.#tick(), TICK)
    signal.addEventListener('abort', () => {
      clearInterval(timer)
      own.close()
    })
    this.closed.catch(() => this.#halt())
  }

  stats(): RoomRecordingStats {
    const missed = [...this.#streams.values()].reduce((sum, { missed }) => sum + missed, this.#missed)
    return { ...this.#recorder.stats(), missed, seconds: now() - this.#began }
  }

  /**
   * Writes what has come, and the footers, and closes the destination.
   *
   * @throws StreamError `recording-failed`, also where it failed before
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #stop(): Promise<void> {
    this.#listening.abort()
    for (const queue of this.#readers.keys()) queue.close()
    await Promise.all(this.#readers.values())
    await this.#recorder.close()
  }

  /** The destination takes nothing any more. */
  #halt(): void {
    this.#listening.abort()
    for (const queue of this.#readers.keys()) queue.return()
  }

  #follow(peer: RecordedPeer): void {
    const { signal } = this.#listening
    for (const stream of peer.streams.values()) this.#adopt(stream, peer)
    for (const type of ['stream', 'resumed']) {
      const listener = (event: Event) => this.#adopt((event as CustomEvent<RemoteStream>).detail, peer)
      peer.addEventListener(type, listener, { signal })
    }
  }

  /** A stream that is known may go on at another peer. */
  #adopt(stream: RemoteStream, peer: RecordedPeer): void {
    const known = this.#streams.get(stream)
    if (known !== undefined) {
      known.peer = peer
      return
    }
    const recording = new StreamRecording(stream, peer, this.#room.name, this.#recorder)
    this.#streams.set(stream, recording)
    const queue = stream[Symbol.asyncIterator]()
    this.#readers.set(queue, this.#read(queue, recording))
    stream.addEventListener('gap', ({ detail }) => recording.miss(detail), { signal: this.#listening.signal })
  }

  async #read(queue: ChunkQueue<Chunk>, recording: StreamRecording): Promise<void> {
    try {
      for await (const chunk of queue) await recording.write(chunk)
      await recording.end()
    } catch {
      // The recorder tells whoever asks for `closed`, and whoever stops it.
      this.#halt()
    }
    this.#readers.delete(queue)
    this.#streams.delete(recording.stream)
    this.#missed += recording.missed
  }

  #tick(): void {
    for (const recording of this.#streams.values()) recording.compareClocks().catch(() => this.#halt())
  }
}
