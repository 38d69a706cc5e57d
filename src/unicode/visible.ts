/**
 * Characters that garble a list, a log or a terminal, or make two names look the same (UAX #44): controls, format
 * characters such as those of text direction, lone surrogates, line separators, and invisible characters.
 *
 * Emoji need two of them (UTS #51): U+FE0F behind a pictograph, and U+200D between two.
 */
export const UNFIT: RegExp =
  /(?!(?<=\p{ExtPict})\ufe0f|(?<=\p{ExtPict}[\ufe0f\p{EMod}]?)\u200d(?=\p{ExtPict}))[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu

/**
 * Escapes these characters, as `\x1b` or `\u202e`. A text from a stranger must control neither the terminal nor the
 * lines around it.
 *
 * @param keep characters to keep, such as a line feed
 */
export const visible = (text: string, keep: string = ''): string =>
  text.replace(UNFIT, (character) => (keep.includes(character) ? character : escaped(character)))

/** Encodes a value as JSON. It escapes the same characters, because JSON itself escapes only some of them. */
export const visibleJson = (value: unknown): string =>
  JSON.stringify(value).replace(UNFIT, (character) =>
    Array.from({ length: character.length }, (_, i) => `\\u${hex(character.charCodeAt(i), 4)}`).join(''),
  )

function escaped(character: string): string {
  const point = character.codePointAt(0) as number
  if (point > 0xffff) return `\\u{${hex(point)}}`
  return point > 0xff ? `\\u${hex(point, 4)}` : `\\x${hex(point, 2)}`
}

const hex = (value: number, digits = 0): string => value.toString(16).padStart(digits, '0')
