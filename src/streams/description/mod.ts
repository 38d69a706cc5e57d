/** Descriptions of streams, and the formats of their values. @module */
export { type ChannelDescription, checkDescription, type StreamDescription } from './description.ts'
export type { ChannelInit, DescriptionInit } from './description-init.ts'
export {
  type Format,
  formatOf,
  isTypedArray,
  layouts,
  type NumericArray,
  type NumericFormat,
  type Values,
} from './formats.ts'
