import { element, type XmlElement } from './xml.ts'

/** Elements of `desc` that are not metadata. */
const RESERVED = ['channels', 'synchronization', 'datastreams']

/**
 * Converts metadata to elements, which XDF tools can show. A value becomes text. A list becomes several elements of one
 * name. A record becomes nested elements. `_` replaces characters that an XML name cannot have. A key that has a
 * meaning in XDF gets `_` at its end.
 */
export const metadataElements = (metadata: Record<string, unknown>): XmlElement[] =>
  Object.entries(metadata).flatMap(([key, value]) => elementsOf(RESERVED.includes(key) ? `${key}_` : key, value))

/**
 * Reads metadata from the elements of `desc` that have no meaning in XDF. Each becomes a record or text, or a list if
 * its name is repeated.
 */
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
