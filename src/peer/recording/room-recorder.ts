import { Recorder } from '../../streams/xdf/mod.ts'
import type {
  RecordedPeer,
  RecordedRoom,
  RoomRecording,
  RoomRecordingEvents,
  RoomRecordingStats,
} from '../internal/mod.ts'
import { emit, now, TypedEventTarget } from '../internal/mod.ts'
import type { ChunkReader, RemoteStream } from '../receive/mod.ts'
import type { LoopbackStreams } from './loopback-streams.ts'
import { StreamAllowance } from './stream-allowance.ts'
import { StreamRecording } from './stream-recording.ts'

/** How often the recording checks whether a stream needs a clock offset, in ms. */
const TICK = 1_000

/** Writes everything that the members of a room publish as an XDF file. */
export class RoomRecorder extends TypedEventTarget<RoomRecordingEvents> implements RoomRecording {
  readonly closed: Promise<void>
  readonly #room: RecordedRoom
  readonly #recorder: Recorder
  readonly #streams = new Map<RemoteStream, StreamRecording>()
  readonly #readers = new Map<ChunkReader, Promise<void>>()
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

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
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

  async #read(queue: ChunkReader, recording: StreamRecording): Promise<void> {
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
