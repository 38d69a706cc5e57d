import {
  type ChannelInit,
  checkDescription,
  type DescriptionInit,
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
  /** Unit of all channels that have none, or the empty one, such as `µV`. @default '' */
  unit?: string
  /** Channels of a source that does not describe them: a ReadableStream or an async iterable. @default one channel */
  channels?: ChannelInit[]
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
  channels?: ChannelInit[]
}

/**
 * Completes a track's own description with the options. A value of a wrong type stays, so that the error names its
 * field: an app may be plain JavaScript.
 *
 * @throws StreamError `bad-description` if the result is invalid
 */
export function describeTrack(publication: string, options: PublishOptions, given: DescriptionInit): StreamDescription {
  const { unit = '', type = '', nominalRate = 0, format = 'float64', sourceId = '' } = options
  if (typeof unit !== 'string') throw bad('unit must be a string')
  const { channels = [{ label: publication }], metadata, timeUnit, dejitter } = options
  const description: DescriptionInit = {
    ...{ name: publication, type, nominalRate, format, sourceId, channels, metadata },
    ...defined(given),
    ...defined({ timeUnit, dejitter }),
  }
  return checkDescription({ ...description, channels: completed(description.channels, unit, type) })
}

/** Changes the descriptions of a publication's streams. */
export interface DescriptionChange {
  /** The publication's options with the changes, for tracks to come. */
  options: PublishOptions
  /** The changed descriptions, in the order of the given ones. */
  descriptions: StreamDescription[]
}

/**
 * Returns the changed options of a publication, and the changed descriptions of its streams.
 *
 * @throws StreamError `bad-description` if a change is invalid
 */
export function changeDescriptions(
  descriptions: readonly StreamDescription[],
  given: DescriptionChanges,
  before: PublishOptions,
): DescriptionChange {
  checkFields(given, 'the changes')
  const { labels, ...changes } = defined(given)
  const options = { ...before, ...changes }
  // Check the changes also alone: there may be no stream yet.
  const { name = '' } = options
  const checked = describeTrack(name, options, {})
  const { channels: replaced, type, unit, ...fields } = changes
  if (replaced !== undefined && descriptions.length !== 1) {
    throw bad(`channels of ${descriptions.length} streams cannot change at once`)
  }
  const channelsOf = (description: StreamDescription) =>
    replaced === undefined ? description.channels : checked.channels
  const count = descriptions.reduce((sum, description) => sum + channelsOf(description).length, 0)
  const areStrings = Array.isArray(labels) && labels.every((label) => typeof label === 'string')
  if (labels !== undefined && !(areStrings && labels.length === count)) {
    throw bad(`labels must be an array of one string for each channel: there are ${count}`)
  }
  let next = 0
  const changed = descriptions.map((description) => {
    const channels = channelsOf(description).map((channel) => ({
      ...channel,
      label: labels === undefined ? channel.label : labels[next++],
      unit: unit ?? channel.unit,
      type: type ?? channel.type,
    }))
    return checkDescription({ ...description, ...fields, type: type ?? description.type, channels })
  })
  return { options, descriptions: changed }
}

/** @throws StreamError `bad-description` if what plain JavaScript passed is not an object */
export function checkFields(given: unknown, what: string): void {
  if (typeof given !== 'object' || given === null) throw bad(`${what} must be an object`)
}

/** Returns the fields that are not undefined. */
const defined = <Fields extends object>(fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields

/** Gives channels the unit and the type that they lack. */
function completed(channels: unknown, unit: string, type: string): unknown {
  const complete = (channel: unknown) => {
    if (typeof channel !== 'object' || channel === null) return channel
    const own = channel as ChannelInit
    return { ...own, unit: isUnknown(own.unit) ? unit : own.unit, type: isUnknown(own.type) ? type : own.type }
  }
  return Array.isArray(channels) ? channels.map(complete) : channels
}

const isUnknown = (text: unknown): boolean => text === undefined || text === ''

const bad = (why: string): StreamError => new StreamError('bad-description', `Cannot accept the description: ${why}`)
