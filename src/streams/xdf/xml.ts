import { StreamError } from '../shared/mod.ts'

/** An element of the XML in a recording. It has no attributes, because XDF gives them no meaning. */
export interface XmlElement {
  /** The name of the tag, such as `info`. */
  name: string
  /** Text beside the children; if there are children, it is mostly white space. */
  text: string
  /** The elements inside, in the order of the document. */
  children: XmlElement[]
}

/** Deepest nesting that is read. Descriptions of amplifiers have six levels. */
const MAX_DEPTH = 64

/** Matches one comment, CDATA section, declaration, tag, or run of text. A document type is an error in a recording. */
const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<(\/?)([^\s<>/!?=&"']+)(?:\s+[^\s<>=/"']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>|([^<]+)/y

/**
 * Parses a document and returns its root element. Unknown entities stay as they are, because some programs write a bare
 * `&`.
 *
 * @throws StreamError `bad-recording`, whose message names the character at fault
 */
export function parseXml(text: string): XmlElement {
  const document: XmlElement = { name: '', text: '', children: [] }
  const open = [document]
  let at = 0
  while (at < text.length) {
    const parent = open.at(-1) as XmlElement
    TOKEN.lastIndex = at
    const token = TOKEN.exec(text)
    if (token === null) throw bad('it is no XML', at)
    const [{ length }, cdata, closing, name, empty, characters] = token
    if (characters !== undefined) parent.text += unescapeText(characters)
    else if (cdata !== undefined) parent.text += cdata
    else if (name !== undefined && closing === '/') {
      if (parent.name !== name) throw bad(`it closes ${name} where ${parent.name || 'nothing'} is open`, at)
      open.pop()
    } else if (name !== undefined) {
      const element: XmlElement = { name, text: '', children: [] }
      parent.children.push(element)
      if (empty !== '/' && open.push(element) > MAX_DEPTH) throw bad(`it is nested more than ${MAX_DEPTH} deep`, at)
    }
    at += length
  }
  if (open.length > 1) throw bad(`${(open.at(-1) as XmlElement).name} is not closed`, at)
  const [root, ...others] = document.children
  if (root === undefined || others.length > 0 || document.text.trim() !== '') throw bad('it must be one element', 0)
  return root
}

/** Converts an element to text. Characters that XML cannot represent become U+FFFD. */
export function writeXml({ name, text, children }: XmlElement): string {
  return `<${name}>${escapeText(text)}${children.map(writeXml).join('')}</${name}>`
}

/** Creates an element with text, or with children. */
export const element = (name: string, content: string | XmlElement[]): XmlElement =>
  typeof content === 'string' ? { name, text: content, children: [] } : { name, text: '', children: content }

/** Returns the first element at that path, or undefined. */
export function find(root: XmlElement, ...path: string[]): XmlElement | undefined {
  let found: XmlElement | undefined = root
  for (const name of path) found = found?.children.find((child) => child.name === name)
  return found
}

/** Returns the text at that path; empty if there is none. */
export const textAt = (root: XmlElement, ...path: string[]): string => find(root, ...path)?.text ?? ''

/** Returns the number at that path; undefined if there is none. */
export function numberAt(root: XmlElement, ...path: string[]): number | undefined {
  const text = textAt(root, ...path).trim()
  const value = Number(text)
  return text === '' || Number.isNaN(value) ? undefined : value
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeText(text: string): string {
  // XML 1.0, section 2.11: every line break becomes a line feed.
  return text.replace(/\r\n?/g, '\n').replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (as, hex, decimal, name) => {
    if (name !== undefined) return entities[name as string] ?? as
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return point <= 0x10_ffff ? String.fromCodePoint(point) : as
  })
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }

const escapeText = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 forbids these characters
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>\r]/g, (character) => escapes[character] as string)

const bad = (why: string, at: number): StreamError =>
  new StreamError('bad-recording', `Cannot read XML at character ${at}: ${why}`)
