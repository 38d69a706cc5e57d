import { type RelayName, SignalError, writePeer } from '../../protocol/mod.ts'
import { type Delivery, type Incoming, type Outgoing, relayBytes, relayValue } from '../delivery/mod.ts'
import { type Membership, notPermitted } from '../rooms/mod.ts'
import type { Counts, UserType } from '../shared/mod.ts'

export interface RelaysOptions {
  users: ReadonlyMap<number, UserType>
  membership: Membership
  delivery: Delivery
  counts: Counts
}

/** Relays signals between two users that share a room. This is the hot path. */
export class Relays {
  readonly #options: RelaysOptions

  constructor(options: RelaysOptions) {
    this.#options = options
  }

  /** Relays a user's message. A msgpack frame is reused: the sender's id overwrites the destination in its header. */
  forward(incoming: Extract<Incoming, { kind: 'frame' | 'value' }>, user: UserType): void {
    const { cmd, peer } = incoming
    if (incoming.kind === 'frame') {
      writePeer(incoming.frame, user.uuid)
      this.pass(cmd, user, peer, relayBytes(cmd, user.uuid, incoming.frame))
    } else this.pass(cmd, user, peer, relayValue(cmd, user.uuid, incoming.msg))
  }

  /**
   * Relays one message to a user that shares a room with its sender.
   *
   * @throws SignalError `not-in-room`, `peer-not-found`, `forbidden`, `rate-limited`
   */
  pass(cmd: RelayName, user: UserType, destination: number, message: Outgoing): void {
    const { users, membership, delivery, counts } = this.#options
    if (membership.of(user.uuid).size === 0) throw new SignalError('not-in-room', 'Cannot relay: join a room first')
    if (destination === user.uuid) {
      throw new SignalError('peer-not-found', 'Cannot relay to yourself', { reason: 'relay-to-self' })
    }
    const peer = users.get(destination)
    if (peer === undefined || !membership.share(user.uuid, destination)) {
      throw new SignalError('peer-not-found', 'Cannot relay: no peer of your rooms has this id')
    }
    // The server enforces permissions for `data`, which it relays. The two peers enforce them on their own link.
    if (cmd === 'data' && (user.identity?.publish === false || peer.identity?.subscribe === false)) {
      throw notPermitted('relay data to that peer')
    }
    const result = delivery.deliver(peer, message)
    if (result === 'failed') throw new SignalError('peer-not-found', 'Cannot relay: the peer has left')
    if (result === 'full') {
      throw new SignalError('rate-limited', 'Cannot relay: the peer reads too slowly', { reason: 'slow-receiver' })
    }
    counts.relayed++
  }
}
