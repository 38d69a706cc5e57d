import { type ClockState, now, RemoteClock } from '../../streams/mod.ts'
import { ClockProbes, realTime } from './clock-probes.ts'

/** The clock of a peer, compared with the own one by probes over one link after the other. */
export class PeerClock {
  /** Outlives the peer where its streams do. */
  remote: RemoteClock = new RemoteClock()
  #probes: ClockProbes | undefined

  /** Its difference to the own clock, and the error bound. */
  get state(): ClockState {
    return this.remote.state(now())
  }

  /** Messages of the clock channel that were no answer to a probe. */
  get ignored(): number {
    return this.#probes?.ignored ?? 0
  }

  /** Sends probes over a new link. */
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
