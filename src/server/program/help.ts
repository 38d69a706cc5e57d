import type { Flag, Flags } from './flags.ts'

/** Width of a help text, and the column where explanations start. */
const WIDTH = 110
const INDENT = 18

/** The option that every command has. */
export const helpFlag = { type: 'boolean', short: 'h', help: 'shows this text' } as const

/** Returns an option as a user writes it, such as `--port NUMBER`. */
export const usageOf = (name: string, { value }: Flag): string => `--${name}${value === undefined ? '' : ` ${value}`}`

/**
 * Returns the lines of a help text for options, in their order.
 *
 * @example
 * ```ts
 * helpOf({ port: { type: 'string', value: 'NUMBER', help: 'TCP port' } }) // '  --port NUMBER   TCP port'
 * ```
 */
export function helpOf(flags: Flags): string {
  return Object.entries(flags)
    .map(([name, given]) => {
      const flag = `  ${usageOf(name, given)}`
      const [first = '', ...rest] = wrap(given.help)
      const head = flag.length < INDENT - 1 ? flag.padEnd(INDENT) + first : `${flag}\n${' '.repeat(INDENT)}${first}`
      return [head, ...rest.map((line) => ' '.repeat(INDENT) + line)].join('\n')
    })
    .join('\n')
}

function wrap(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && INDENT + last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
