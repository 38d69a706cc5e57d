import type { ChannelDescription, Format, StreamDescription } from '../description/mod.ts'
import { StreamError } from '../shared/mod.ts'
import { formatNames } from './xdf-format.ts'
import { metadataElements, metadataOf } from './xdf-metadata.ts'
import { element, find, numberAt, textAt, type XmlElement } from './xml.ts'

/** Origin of a recorded stream, in addition to its description. */
export interface XdfOrigin {
  /** Time when the stream began, in seconds on its source's clock. */
  createdAt?: number
  /** Identifies this run of the source. */
  uid?: string
  /** Identifies the recording session, as LabRecorder writes it (XDF: `session_id`). */
  sessionId?: string
  /** The machine or the person that the stream came from. */
  hostname?: string
  /** Who published the stream, if a server has verified that. Nothing in a description or its metadata is read as it. */
  publisher?: { readonly auth: string; readonly name?: string | undefined } | undefined
}

/** Most channels that a header may claim: a hundred times as many as any amplifier has. */
const MAX_CHANNELS = 65_536

/**
 * Returns a stream's header, with the elements that LabRecorder writes, in the same order. If XDF has no element for a
 * field of the description, the field is in `desc/datastreams`. Metadata are elements of `desc`.
 */
export function streamHeader(description: StreamDescription, origin: XdfOrigin = {}): XmlElement {
  const { name, type, channels, nominalRate, format, sourceId, dejitter, kind, contentHint, metadata } = description
  const { publisher } = origin
  const own = { format: format === 'int24' ? format : undefined, kind, content_hint: contentHint }
  const desc = [
    element(
      'channels',
      channels.map(({ label, unit, type, name, kind, contentHint }) =>
        element('channel', [
          element('label', label),
          element('unit', unit),
          element('type', type),
          ...ownElements({ name, kind, content_hint: contentHint }),
        ]),
      ),
    ),
    ...(dejitter === false ? [element('synchronization', [element('can_drop_samples', 'true')])] : []),
    ...ownElements(
      own,
      publisher && [element('publisher', textElements({ auth: publisher.auth, name: publisher.name }))],
    ),
    ...metadataElements(metadata ?? {}),
  ]
  return element('info', [
    element('name', name),
    element('type', type),
    element('channel_count', String(channels.length)),
    element('nominal_srate', String(nominalRate)),
    element('channel_format', formatNames[format]),
    element('source_id', sourceId),
    element('version', '1.1'),
    element('created_at', String(origin.createdAt ?? 0)),
    element('uid', origin.uid ?? ''),
    element('session_id', origin.sessionId ?? ''),
    element('hostname', origin.hostname ?? ''),
    element('desc', desc),
  ])
}

/**
 * Reads the description from a stream's header. Timestamps are in seconds.
 *
 * @throws StreamError `bad-recording` if the header does not define the layout of the samples
 */
export function readStreamHeader(header: XmlElement): StreamDescription {
  const count = numberAt(header, 'channel_count') ?? Number.NaN
  if (!Number.isInteger(count) || count < 0 || count > MAX_CHANNELS) {
    throw bad(`channel_count must be an integer in 0..${MAX_CHANNELS}`, header, 'channel_count')
  }
  const rate = numberAt(header, 'nominal_srate') ?? Number.NaN
  if (!(rate >= 0 && rate < Infinity)) throw bad('nominal_srate must be a number from 0', header, 'nominal_srate')
  const desc = find(header, 'desc') ?? element('desc', [])
  const channels = find(desc, 'channels')?.children.filter(({ name }) => name === 'channel') ?? []
  const metadata = metadataOf(desc)
  return {
    name: textAt(header, 'name'),
    type: textAt(header, 'type'),
    nominalRate: rate,
    timeUnit: 's',
    ...(textAt(desc, 'synchronization', 'can_drop_samples') === 'true' ? { dejitter: false } : {}),
    format: formatIn(header, textAt(desc, 'datastreams', 'format')),
    sourceId: textAt(header, 'source_id'),
    channels: Array.from({ length: count }, (_, i) => channelIn(channels[i])),
    ...trackIn(desc),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  }
}

export function readOrigin(header: XmlElement): XdfOrigin {
  const createdAt = Number.parseFloat(textAt(header, 'created_at'))
  return {
    ...(Number.isFinite(createdAt) ? { createdAt } : {}),
    uid: textAt(header, 'uid'),
    sessionId: textAt(header, 'session_id'),
    hostname: textAt(header, 'hostname'),
    ...publisherIn(find(header, 'desc', 'datastreams', 'publisher')),
  }
}

function publisherIn(publisher: XmlElement | undefined): Pick<XdfOrigin, 'publisher'> {
  if (publisher === undefined) return {}
  const name = find(publisher, 'name')?.text
  return { publisher: { auth: textAt(publisher, 'auth'), ...(name === undefined ? {} : { name }) } }
}

function ownElements(fields: Record<string, string | undefined>, more: XmlElement[] = []): XmlElement[] {
  const known = [...textElements(fields), ...more]
  return known.length === 0 ? [] : [element('datastreams', known)]
}

const textElements = (fields: Record<string, string | undefined>): XmlElement[] =>
  Object.entries(fields).flatMap(([name, text]) => (text === undefined ? [] : [element(name, text)]))

function channelIn(channel: XmlElement | undefined): ChannelDescription {
  if (channel === undefined) return { label: '', unit: '', type: '' }
  const [label, unit, type] = ['label', 'unit', 'type'].map((name) => textAt(channel, name)) as [string, string, string]
  const name = find(channel, 'datastreams', 'name')?.text
  return { label, unit, type, ...(name === undefined ? {} : { name }), ...trackIn(channel) }
}

function trackIn(parent: XmlElement): { kind?: string; contentHint?: string } {
  const kind = find(parent, 'datastreams', 'kind')?.text
  const contentHint = find(parent, 'datastreams', 'content_hint')?.text
  return { ...(kind === undefined ? {} : { kind }), ...(contentHint === undefined ? {} : { contentHint }) }
}

function formatIn(header: XmlElement, own: string): Format {
  const written = textAt(header, 'channel_format')
  if (written === 'int32') return own === 'int24' ? 'int24' : 'int32'
  const found = Object.entries(formatNames).find(([, name]) => name === written)
  if (found === undefined) {
    throw bad('channel_format must be one of XDF 1.0', header, 'channel_format')
  }
  return found[0] as Format
}

const bad = (why: string, header: XmlElement, name: string): StreamError =>
  new StreamError('bad-recording', `${why}: it is ${JSON.stringify(textAt(header, name).slice(0, 32))}`)
