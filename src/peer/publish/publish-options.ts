import {
  type ChannelDescription,
  checkDescription,
  type Format,
  type StreamDescription,
  StreamError,
} from '../../streams/mod.ts'
import type { DeliveryOptions } from '../wire/mod.ts'

/** What a source does not say of itself. */
export interface PublishOptions extends DeliveryOptions {
  /** Of the whole publication. */
  name?: string
  /** Such as `EEG`. */
  type?: string
  /** Hz; 0 where samples come when they come. @default 0 */
  nominalRate?: number
  /**
   * Of the source's timestamps, which are of the time that `now()` gives.
   *
   * @default 's' for what is pushed or pulled, else 'ms'
   */
  timeUnit?: 's' | 'ms'
  /** False where receivers should leave the timestamps as uneven as they are. @default true */
  dejitter?: boolean
  /** Of all channels, such as `µV`. */
  unit?: string
  /** Of a source that does not tell: a ReadableStream or an async iterable. @default one channel */
  channels?: ChannelDescription[]
  /** Found out from the first value where it is not given. */
  format?: Format
  /** Of the device, the same whenever it is started. */
  sourceId?: string
  metadata?: Record<string, unknown>
}

/** What may change while a publication is live. */
export interface DescriptionChanges {
  name?: string
  type?: string
  /** Of all channels. */
  unit?: string
  /** One for each channel, in order. */
  labels?: readonly string[]
  nominalRate?: number
  metadata?: Record<string, unknown>
  /** Only until there are samples. */
  format?: Format
  /** Of a publication that is one stream; their number may change only until there are samples. */
  channels?: ChannelDescription[]
}

/** @throws StreamError `bad-description` */
export function describeTrack(
  publication: string,
  options: PublishOptions,
  given: Partial<StreamDescription>,
): StreamDescription {
  const { type = '', nominalRate = 0, timeUnit, dejitter, unit = '', format = 'float64', metadata } = options
  const channels = given.channels ?? options.channels ?? [{ label: publication, unit, type }]
  return checkDescription({
    ...given,
    name: given.name ?? publication,
    type: given.type ?? type,
    nominalRate: given.nominalRate ?? nominalRate,
    timeUnit: timeUnit ?? given.timeUnit,
    dejitter: dejitter ?? given.dejitter,
    format: given.format ?? format,
    sourceId: given.sourceId ?? options.sourceId ?? '',
    channels: channels.map((channel) => ({ ...channel, unit: channel.unit || unit, type: channel.type || type })),
    metadata: given.metadata ?? metadata,
  })
}

/**
 * The descriptions of a publication's streams, changed.
 *
 * @throws StreamError `bad-description`
 */
export function changeDescriptions(
  descriptions: readonly StreamDescription[],
  { labels, channels: replaced, type, unit, ...changes }: DescriptionChanges,
): StreamDescription[] {
  if (replaced !== undefined && descriptions.length !== 1) {
    throw new StreamError('bad-description', `Cannot change the channels of ${descriptions.length} streams at once`)
  }
  const channelsOf = (description: StreamDescription) => replaced ?? description.channels
  const count = descriptions.reduce((sum, description) => sum + channelsOf(description).length, 0)
  if (labels !== undefined && labels.length !== count) {
    const message = `Cannot change the labels as there must be ${count}, one for each channel: there are ${labels.length}`
    throw new StreamError('bad-description', message)
  }
  let next = 0
  return descriptions.map((description) => {
    const channels = channelsOf(description).map((channel) => ({
      ...channel,
      label: labels?.[next++] ?? channel.label,
      unit: unit ?? channel.unit,
      type: type ?? channel.type,
    }))
    return checkDescription({ ...description, ...changes, type: type ?? description.type, channels })
  })
}
