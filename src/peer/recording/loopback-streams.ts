import { type ClockState, RemoteClock } from '../../streams/mod.ts'
import type { Receiver } from '../link/mod.ts'
import type { Outbox } from '../publish/mod.ts'
import { Inbox, type RemoteStream } from '../receive/mod.ts'
import { emit, TypedEventTarget } from '../shared/mod.ts'

interface StreamEvents {
  stream: CustomEvent<RemoteStream>
  resumed: CustomEvent<RemoteStream>
}

/**
 * What one publishes oneself, as another would get it from now on: over the same messages, and a link that is a function
 * call.
 */
export class OwnStreams extends TypedEventTarget<StreamEvents> {
  readonly id: number
  readonly info: Record<string, unknown> = {}
  /** One's own, which is no other than one's own. */
  readonly clock: ClockState = { offset: 0, drift: 0, roundTrip: 0, errorBound: 0 }
  readonly #inbox: Inbox
  readonly #outbox: Outbox
  readonly #receiver: Receiver

  /** @param id one's own */
  constructor(id: number, outbox: Outbox) {
    super()
    this.id = id
    this.#outbox = outbox
    const events = {
      want() {},
      stream: (stream: RemoteStream) => emit(this, 'stream', stream),
      resumed() {},
      streamend() {},
      moved() {},
      leftBehind: () => undefined,
      // The end arrives while it is being told; only then is it waited for.
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

/** Nothing waits on the way, and sound and pictures are not taken. */
const receiverOf = (inbox: Inbox): Receiver => ({
  send: (bytes) => inbox.receive(bytes),
  sendTo: (_stream, bytes) => inbox.receive(bytes),
  sendAfter: (_streams, bytes) => inbox.receive(bytes),
  sendChunk(_stream, { bytes }, { delivery }) {
    if (delivery === 'reliable') inbox.receive(bytes)
    else inbox.receiveUnordered(bytes)
  },
  waiting: () => ({ bytes: 0, seconds: 0 }),
  addMedia() {},
  removeMedia() {},
})
