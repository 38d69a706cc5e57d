import type { ChannelDescription, StreamDescription } from './description.ts'

/** A channel as an app describes it. The label is enough. */
export interface ChannelInit extends Omit<ChannelDescription, 'unit' | 'type'> {
  /** Such as `µV`. @default '' */
  unit?: string
  /** Such as `EEG`. @default '' */
  type?: string
}

/** A stream as an app describes it. Each field has a default. */
export interface DescriptionInit extends Omit<Partial<StreamDescription>, 'channels'> {
  /** At least one. Each sample has one value of each channel, in this order. @default one channel with the stream's name */
  channels?: ChannelInit[]
}
