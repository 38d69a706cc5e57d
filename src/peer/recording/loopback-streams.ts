import type { ClockState, XdfOrigin } from '../../streams/mod.ts'
import type { OwnSide } from '../internal/mod.ts'
import { emit, Inbox, RemoteClock, TypedEventTarget } from '../internal/mod.ts'
import type { Receiver } from '../link/mod.ts'
import type { Outbox } from '../publish/mod.ts'
import type { RemoteStream } from '../receive/mod.ts'

interface StreamEvents {
  stream: CustomEvent<RemoteStream>
  resumed: CustomEvent<RemoteStream>
}

/**
 * This side's own publications, as another peer would receive them from now on. The messages are the same, but the link
 * is a function call.
 */
export class LoopbackStreams extends TypedEventTarget<StreamEvents> {
  readonly id: number
  readonly info: Record<string, unknown> = {}
  readonly identity: XdfOrigin['publisher']
  /** The local clock compared with itself. */
  readonly clock: ClockState = { offset: 0, drift: 0, roundTrip: 0, errorBound: 0 }
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #receiver: Receiver

  constructor({ id, identity, outbox }: OwnSide) {
    super()
    this.id = id
    this.identity = identity
    this.#outbox = outbox
    const events = {
      want() {},
      stream: (stream: RemoteStream) => emit(this, 'stream', stream),
      resumed() {},
      streamend() {},
      moved() {},
      departed: () => undefined,
      // The end arrives before the outbox waits for its acknowledgement, so acknowledge it later.
      taken: (publication: number) => queueMicrotask(() => outbox.received(publication, this.#receiver)),
      received() {},
    }
    this.#inbox = new Inbox(events, new RemoteClock())
    this.#receiver = receiverOf(this.#inbox)
    outbox.addLink(this.#receiver, 0)
  }

  get streams(): ReadonlyMap<string, RemoteStream> {
    return this.#inbox.streams
  }

  close(): void {
    this.#outbox.removeLink(this.#receiver)
    this.#inbox.close()
  }
}

/** A link without a queue. It ignores audio and video. */
const receiverOf = (inbox: Inbox): Receiver => ({
  send: (bytes) => inbox.receive(bytes),
  sendTo: (_stream, bytes) => inbox.receive(bytes),
  sendAfter: (_streams, bytes) => inbox.receive(bytes),
  sendChunk(_stream, { bytes }, { reliable }) {
    if (reliable) inbox.receive(bytes)
    else inbox.receiveUnordered(bytes)
  },
  waiting: () => ({ bytes: 0, seconds: 0 }),
  addMedia() {},
  removeMedia() {},
})
