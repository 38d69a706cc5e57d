import { PeerClock } from '../clock/mod.ts'
import { ControlRate, Inbox, type InboxEvents, MAX_KNOWN_STREAMS, type Remembered } from '../receive/mod.ts'
import { startsPublication } from '../signaling/mod.ts'

/** Receives a peer's publications, within limits, and compares its clock, over one link after the other. */
export class PeerReception {
  readonly clock: PeerClock = new PeerClock()
  readonly #events: InboxEvents
  readonly #takes: boolean
  #inbox: Inbox
  #controls = new ControlRate()

  /** @param takes whether to accept publications */
  constructor(events: InboxEvents, takes: boolean) {
    this.#events = events
    this.#takes = takes
    this.#inbox = new Inbox(events, this.clock.remote, MAX_KNOWN_STREAMS)
  }

  get inbox(): Inbox {
    return this.#inbox
  }

  /** Messages about unknown streams, controls over their limit, and invalid clock probes. */
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

  /** @throws StreamError if the message breaks the protocol, or if the link has carried too many controls */
  receive(data: Uint8Array | string, unordered: boolean): void {
    const excess = unordered ? undefined : this.#controls.take(data)
    if (excess !== undefined) {
      this.#inbox.ignored++
      throw excess
    }
    if (!this.#takes && startsPublication(data)) this.#inbox.ignored++
    else if (unordered) this.#inbox.receiveUnordered(data as Uint8Array)
    else this.#inbox.receive(data)
  }

  /** The link is lost. The next one may carry as many controls. */
  pause(): void {
    this.#controls = new ControlRate()
    this.clock.stop()
    this.#inbox.unlink()
  }
}
