import {
  type ChannelDescription,
  checkDescription,
  type Format,
  type StreamDescription,
  StreamError,
} from '../../streams/mod.ts'
import type { DeliveryOptions } from '../wire/mod.ts'

/**
 * How to publish a source, and what its own description leaves out. What the source describes itself takes precedence,
 * except for `timeUnit` and `dejitter`.
 *
 * Each text has at most 512 UTF-16 code units. The description of a stream has at most 16 KiB of msgpack.
 */
export interface PublishOptions extends DeliveryOptions {
  /** Name of the whole publication, and of streams without a name. @default the source's `name` or `label` */
  name?: string
  /** Type of the content, such as `EEG`. @default '' */
  type?: string
  /** Hz; 0 for irregular samples. @default 0 */
  nominalRate?: number
  /**
   * Unit of the source's timestamps, which use the clock of `now()`.
   *
   * @default 's' for what is pushed or pulled, else 'ms'
   */
  timeUnit?: 's' | 'ms'
  /** False if receivers should keep uneven timestamps as they are. @default true */
  dejitter?: boolean
  /** Unit of all channels that have none of their own, such as `µV`. @default '' */
  unit?: string
  /** Channels of a source that does not describe them: a ReadableStream or an async iterable. @default one channel */
  channels?: ChannelDescription[]
  /** Format of the values. @default the format of the first value */
  format?: Format
  /** Id of the device. It must be the same each time the device starts. @default '' */
  sourceId?: string
  /** Any other information that msgpack can encode. */
  metadata?: Record<string, unknown>
}

/** What `describe` can change while a publication is live. A field that is left out stays as it is. */
export interface DescriptionChanges {
  /** Name of each stream. The name of the publication stays. */
  name?: string
  /** Type of each stream and of its channels, such as `EEG`. */
  type?: string
  /** Unit of all channels. */
  unit?: string
  /** One label for each channel, in order. With several streams, those of the first stream come first. */
  labels?: readonly string[]
  /** Hz; 0 for irregular samples. */
  nominalRate?: number
  /** Replaces the whole metadata. */
  metadata?: Record<string, unknown>
  /** Can change only before the first sample. */
  format?: Format
  /** Only for a publication with one stream. The number of channels can change only before the first sample. */
  channels?: ChannelDescription[]
}

/**
 * Completes a track's own description with the options.
 *
 * @throws StreamError `bad-description` if the result is invalid
 */
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
 * Returns the changed descriptions of a publication's streams.
 *
 * @throws StreamError `bad-description` if a change is invalid
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
    const message = `Cannot change the labels: ${count} channels need ${count} labels: there are ${labels.length}`
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
