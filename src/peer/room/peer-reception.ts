import { PeerClock } from '../link/mod.ts'
import { Inbox, type InboxEvents, type Remembered } from '../receive/mod.ts'
import { isPublish } from '../signaling/mod.ts'

/** Receives a peer's publications and compares its clock, over one link after the other. */
export class PeerReception {
  readonly clock: PeerClock = new PeerClock()
  readonly #events: InboxEvents
  readonly #takes: boolean
  #inbox: Inbox

  /** @param takes whether to accept publications */
  constructor(events: InboxEvents, takes: boolean) {
    this.#events = events
    this.#takes = takes
    this.#inbox = new Inbox(events, this.clock.remote)
  }

  get inbox(): Inbox {
    return this.#inbox
  }

  /** Ignored messages about unknown streams, and invalid clock probes. */
  get ignored(): number {
    return this.#inbox.ignored + this.clock.ignored
  }

  /** What another peer needs to continue the streams. */
  get remembered(): Pick<Remembered, 'inbox' | 'clock'> {
    return { inbox: this.#inbox, clock: this.clock.remote }
  }

  /** Continues the streams that an earlier peer left behind. */
  takeOver({ inbox, clock }: Remembered): void {
    inbox.events = this.#events
    this.#inbox = inbox
    this.clock.remote = clock
  }

  /** @throws StreamError if the message breaks the protocol */
  receive(data: Uint8Array | string, unordered: boolean): void {
    if (!this.#takes && isPublish(data)) this.#inbox.ignored++
    else if (unordered) this.#inbox.receiveUnordered(data as Uint8Array)
    else this.#inbox.receive(data)
  }

  /** The link is lost. */
  pause(): void {
    this.clock.stop()
    this.#inbox.unlink()
  }
}
