import { type RelayName, SignalError } from '../../protocol/mod.ts'
import { type Delivery, type IncomingRelay, type Outgoing, relayBytes, relayValue } from '../delivery/mod.ts'
import { type Membership, notPermitted } from '../rooms/mod.ts'
import { type Counts, count, type UserType } from '../shared/mod.ts'

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

  /** Relays a user's message. @throws as `pass` */
  forward({ name, peer, frame, msg }: IncomingRelay, user: UserType): void {
    const { uuid } = user
    this.pass(name, user, peer, frame === undefined ? relayValue(name, uuid, msg) : relayBytes(name, uuid, frame))
  }

  /**
   * Relays one message to a user that shares a room with its sender.
   *
   * @throws SignalError `not-in-room`, `peer-not-found`, `forbidden`, `rate-limited`
   */
  pass(name: RelayName, user: UserType, destination: number, message: Outgoing): void {
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
    if (name === 'data' && (user.identity?.publish === false || peer.identity?.subscribe === false)) {
      throw notPermitted('relay data to that peer')
    }
    const result = delivery.deliver(peer, message, user)
    if (result === 'failed') throw new SignalError('peer-not-found', 'Cannot relay: the peer has left')
    if (result === 'full') {
      count(counts.limited, 'queuedBytes')
      throw new SignalError('rate-limited', 'Cannot relay: the peer reads too slowly', { reason: 'slow-receiver' })
    }
    counts.relayed++
  }
}
