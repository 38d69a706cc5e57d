import { type ClockState, now, RemoteClock } from '../../streams/mod.ts'
import { ClockProbes, realTime } from './clock-probes.ts'

/** A peer's clock, compared with the own clock by probes over one link after the other. */
export class PeerClock {
  /** Outlives the peer if its streams do: a peer that resumes them takes over this clock. */
  remote: RemoteClock = new RemoteClock()
  #probes: ClockProbes | undefined

  /** Its offset from the own clock, and the error bound. */
  get state(): ClockState {
    return this.remote.state(now())
  }

  /** Messages on the clock channel that are not probes, and answers to unknown probes. */
  get ignored(): number {
    return this.#probes?.ignored ?? 0
  }

  /** Starts to send probes over a new link. */
  start(send: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    this.stop()
    this.#probes = new ClockProbes({
      ...realTime(),
      send,
      estimated: (estimate) => this.remote.update(estimate, now()),
    })
  }

  receive(data: Uint8Array): void {
    this.#probes?.receive(data)
  }

  stop(): void {
    this.#probes?.stop()
  }
}
