import { element, type XmlElement } from './xml.ts'

/** What `desc` has that is no metadata. */
const RESERVED = ['channels', 'synchronization', 'datastreams']

/**
 * Metadata as elements, which tools of the field show: a value is text, a list the same element again, a record nested.
 * A key that is no XML name gets `_` where it is not, and so does one that XDF has a meaning for.
 */
export const metadataElements = (metadata: Record<string, unknown>): XmlElement[] =>
  Object.entries(metadata).flatMap(([key, value]) => elementsOf(RESERVED.includes(key) ? `${key}_` : key, value))

/** The elements of `desc` that have no meaning for XDF; what is no record is text, or a list of texts. */
export const metadataOf = (desc: XmlElement): Record<string, unknown> =>
  recordOf(desc.children.filter(({ name }) => !RESERVED.includes(name)))

function elementsOf(key: string, value: unknown): XmlElement[] {
  const name = key.replace(/[^\w.-]/g, '_').replace(/^(?![A-Za-z_])/, '_')
  if (Array.isArray(value)) return value.flatMap((item) => elementsOf(name, item))
  if (value === null || value === undefined) return [element(name, '')]
  if (Object.getPrototypeOf(value) !== Object.prototype) return [element(name, String(value))]
  return [element(name, metadataElementsBelow(value as Record<string, unknown>))]
}

const metadataElementsBelow = (record: Record<string, unknown>): XmlElement[] =>
  Object.entries(record).flatMap(([key, value]) => elementsOf(key, value))

function recordOf(elements: readonly XmlElement[]): Record<string, unknown> {
  const values = new Map<string, unknown>()
  for (const { name, text, children } of elements) {
    const value = children.length > 0 ? recordOf(children) : text
    const before = values.get(name)
    if (!values.has(name)) values.set(name, value)
    else values.set(name, Array.isArray(before) ? [...before, value] : [before, value])
  }
  return Object.fromEntries(values)
}
