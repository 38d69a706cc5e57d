import { SUBPROTOCOL } from '../../protocol/mod.ts'
import type { Buffers } from '../buffers/mod.ts'
import { type Counts, type Transport, tally, type UserType } from '../shared/mod.ts'
import type { Outgoing } from './outgoing.ts'

/**
 * The result of a delivery. `sent`: the transport accepted the message. `full`: the queue would exceed its limit.
 * `failed`: the transport threw. After `full` and `failed`, the transport does not have the message.
 */
export type DeliveryResult = 'sent' | 'full' | 'failed'

/** Delivers messages to users. Today all users are in this process. */
export interface Delivery {
  /**
   * Delivers one message.
   *
   * @param from the user whose relay this is. A relay that finds no place is `full`, and its receiver does not notice.
   */
  deliver(user: UserType, message: Outgoing, from?: UserType): DeliveryResult
}

/** The part of a queue, or of a replay buffer, that relays may fill. Messages of the server need the rest. */
export const RELAYS_SHARE: number = 3 / 4
/** The part that the relays of one sender may fill. */
export const SENDER_SHARE: number = 1 / 4

export type Codec = 'msgpack' | 'json'

/** Returns a user's codec: msgpack if the connection selected its subprotocol, otherwise `fallback`. */
export const codecOf = (ws: Transport, fallback: Codec): Codec => (ws.protocol === SUBPROTOCOL ? 'msgpack' : fallback)

export interface LocalDeliveryOptions {
  codec: Codec
  /** Most bytes that one transport may queue. */
  queuedBytes: number
  counts?: Pick<Counts, 'sent'>
  /** Counts what the transports queue. */
  buffers?: Buffers
  /** Called for each message that a transport did not accept. The caller of `deliver` handles the message itself. */
  onrefused?(user: UserType, result: 'full' | 'failed', cause?: unknown): void
}

/** Sends each message immediately through the user's own transport. */
export class LocalDelivery implements Delivery {
  readonly #options: LocalDeliveryOptions

  constructor(options: LocalDeliveryOptions) {
    this.#options = options
  }

  deliver(user: UserType, message: Outgoing, from?: UserType): DeliveryResult {
    const { ws } = user
    const { codec, counts, buffers, onrefused } = this.#options
    const data = codecOf(ws, codec) === 'msgpack' ? message.binary() : message.text()
    if (!this.#fits(ws, data.length, from)) {
      if (from === undefined) onrefused?.(user, 'full')
      return 'full'
    }
    try {
      ws.send(data)
      if (counts !== undefined) tally(counts.sent, message.name, data.length)
      buffers?.sent(ws, data.length, from?.uuid)
      return 'sent'
    } catch (cause) {
      onrefused?.(user, 'failed', cause)
      return 'failed'
    }
  }

  /** An empty queue accepts any message. Otherwise a limit below the largest frame would close every connection. */
  #fits(ws: Transport, length: number, from: UserType | undefined): boolean {
    const { queuedBytes, buffers } = this.#options
    const waiting = ws.bufferedAmount ?? 0
    if (waiting === 0) return true
    if (from === undefined) return waiting + length <= queuedBytes
    if (waiting + length > queuedBytes * RELAYS_SHARE) return false
    const share = queuedBytes * SENDER_SHARE
    if (waiting + length <= share) return true
    const own = buffers?.queuedFrom(ws, from.uuid) ?? 0
    return own === 0 || own + length <= share
  }
}
