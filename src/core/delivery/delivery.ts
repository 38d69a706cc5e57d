import { SUBPROTOCOL } from '../../protocol/mod.ts'
import { type Counts, type Transport, tally, type UserType } from '../shared/mod.ts'
import type { Outgoing } from './outgoing.ts'

/** `full`: more bytes wait than the limit allows. `failed`: the transport threw. Neither took the message. */
export type DeliveryResult = 'sent' | 'full' | 'failed'

/** How messages reach users. Today they are all in this process. */
export interface Delivery {
  deliver(user: UserType, message: Outgoing): DeliveryResult
}

export type Codec = 'msgpack' | 'json'

/** A user's codec: the subprotocol decides for msgpack, else the service's default. */
export const codecOf = (ws: Transport, fallback: Codec): Codec => (ws.protocol === SUBPROTOCOL ? 'msgpack' : fallback)

export interface LocalDeliveryOptions {
  codec: Codec
  /** Most bytes that may wait in one transport. */
  queuedBytes: number
  counts?: Pick<Counts, 'sent'>
  /** Hears of each message that a transport did not take; the message itself is the caller's to answer for. */
  onrefused?(user: UserType, result: 'full' | 'failed', cause?: unknown): void
}

/** Sends through each user's own transport, at once. */
export class LocalDelivery implements Delivery {
  readonly #options: LocalDeliveryOptions

  constructor(options: LocalDeliveryOptions) {
    this.#options = options
  }

  deliver(user: UserType, message: Outgoing): DeliveryResult {
    const { ws } = user
    const { codec, queuedBytes, counts, onrefused } = this.#options
    const data = codecOf(ws, codec) === 'msgpack' ? message.binary() : message.text()
    const waiting = ws.bufferedAmount ?? 0
    // An empty queue takes any message, or a limit below the largest frame would close everybody.
    if (waiting > 0 && waiting + data.length > queuedBytes) {
      onrefused?.(user, 'full')
      return 'full'
    }
    try {
      ws.send(data)
      if (counts !== undefined) tally(counts.sent, message.op, data.length)
      return 'sent'
    } catch (cause) {
      onrefused?.(user, 'failed', cause)
      return 'failed'
    }
  }
}
