import type { Info } from '../../protocol/both-ends.ts'
import type { ClockState, XdfOrigin } from '../../streams/mod.ts'
import type { RemoteStream } from '../receive/mod.ts'

/** A peer, with the members that a recording needs. */
export interface RecordedPeer {
  readonly id: number
  readonly info: Info
  readonly identity?: XdfOrigin['publisher']
  readonly clock: ClockState
  readonly streams: ReadonlyMap<string, RemoteStream>
  addEventListener(type: string, listener: (event: Event) => void, options?: { signal: AbortSignal }): void
}

/** A room, with the members that a recording needs. */
export interface RecordedRoom {
  readonly name: string
  readonly peers: ReadonlyMap<number, RecordedPeer>
  addEventListener(
    type: 'peer',
    listener: (event: CustomEvent<RecordedPeer>) => void,
    options: { signal: AbortSignal },
  ): void
  addEventListener(type: 'close', listener: () => void, options: { signal: AbortSignal }): void
}
