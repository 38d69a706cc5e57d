/** The messages between peers on data channels, and the delivery of publications. @module */
export { decodeFrame, decodeValue, encodeFrame, encodeValue } from './codec.ts'
export {
  type AnnouncedStream,
  announce,
  type Control,
  encodeControl,
  isControl,
  isPublish,
  MAX_WANTED_STREAMS,
  type PublicationInfo,
  readControl,
  type Want,
} from './control.ts'
export {
  type BufferLimits,
  countDropped,
  type Deadline,
  type Delivery,
  type DeliveryOptions,
  type MaxAge,
  type Overflow,
  type Terms,
  termsOf,
} from './delivery.ts'
export { layoutHash, readMark } from './layout-hash.ts'
