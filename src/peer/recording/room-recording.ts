import { type ChunkQueue, now, Recorder, type StreamError } from '../../streams/mod.ts'
import type { Chunk, RemoteStream } from '../receive/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'
import type { LoopbackStreams } from './loopback-streams.ts'
import type { RecordedPeer, RecordedRoom } from './recorded-room.ts'
import { StreamAllowance } from './stream-allowance.ts'
import { StreamRecording } from './stream-recording.ts'

/** How often the recording checks whether a stream needs a clock offset, in ms. */
const TICK = 1_000

/** Counts of a recording so far. */
export interface RoomRecordingStats {
  /** Streams in the file, including ended ones. A stream with a new description counts as another one. */
  streams: number
  /** Samples that the destination has accepted. */
  samples: number
  /** Bytes that the destination has accepted. */
  bytes: number
  /** Streams that the file lacks, because their peer has too many. */
  omitted: number
  /** Samples that were lost on the link, because the destination was too slow, or with an omitted stream. */
  missed: number
  /** Seconds since the recording began. */
  seconds: number
}

export interface RoomRecordingEvents {
  /** A peer has too many streams, so the file lacks some of them. The recording continues. */
  error: CustomEvent<StreamError>
}

/** Writes everything that the members of a room publish as an XDF file. `Membership.record` creates it. */
export class RoomRecording extends TypedEventTarget<RoomRecordingEvents> {
  /**
   * Settles when the recording has stopped and the file is complete. Rejects with a StreamError `recording-failed` if
   * writing failed.
   */
  readonly closed: Promise<void>
  readonly #room: RecordedRoom
  readonly #recorder: Recorder
  readonly #streams = new Map<RemoteStream, StreamRecording>()
  readonly #readers = new Map<ChunkQueue<Chunk>, Promise<void>>()
  readonly #listening = new AbortController()
  readonly #allowance = new StreamAllowance((error) => emit(this, 'error', error))
  readonly #began: number = now()
  /** Missed samples of streams that are over. */
  #missed = 0
  #stopping: Promise<void> | undefined

  /** @param own this side's own publications */
  constructor(room: RecordedRoom, own: LoopbackStreams, destination: WritableStream<Uint8Array>) {
    super()
    this.#room = room
    this.#recorder = new Recorder(destination)
    this.closed = this.#recorder.closed
    const { signal } = this.#listening
    for (const peer of [own, ...room.peers.values()]) this.#follow(peer)
    room.addEventListener('peer', ({ detail: peer }) => this.#follow(peer), { signal })
    // `closed` reports the failure.
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
    const { omitted } = this.#allowance
    return { ...this.#recorder.stats(), omitted, missed, seconds: now() - this.#began }
  }

  /**
   * Writes the received samples and the footers, then closes the destination.
   *
   * @throws StreamError `recording-failed`, also if the recording failed before
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

  /** Stops reading, because the destination accepts nothing any more. */
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

  /** A stream that is already recorded may continue at another peer. */
  #adopt(stream: RemoteStream, peer: RecordedPeer): void {
    const known = this.#streams.get(stream)
    if (known !== undefined) {
      known.peer = peer
      return
    }
    const recording = new StreamRecording(stream, peer, this.#room.name, this.#recorder, this.#allowance)
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
      // `closed` and `stop` report the error.
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
