/** Reads messages from users and delivers messages to them. @module */
export {
  type Codec,
  codecOf,
  type Delivery,
  type DeliveryResult,
  LocalDelivery,
  RELAYS_SHARE,
  SENDER_SHARE,
} from './delivery.ts'
export {
  type Incoming,
  type IncomingRelay,
  type Message,
  readIncoming,
  UNNUMBERED,
  UnreadableRequest,
} from './incoming.ts'
export {
  type Answer,
  answer,
  event,
  infoOf,
  keepalive,
  listing,
  listingAnswer,
  type Outgoing,
  refusal,
  relayBytes,
  relayValue,
  type Ticket,
} from './outgoing.ts'
export { type Addressed, PacedDelivery } from './paced.ts'
