import process from 'node:process'
import { parseArgs } from 'node:util'

export { parseArgs }

/** Of the table that is in the terminal. */
let tableLines = 0

/** The program's own ends, which all three runtimes have under Node's names. */
export const program = {
  args: (): string[] => process.argv.slice(2),
  print: (line: string): void => console.log(line),
  complain: (line: string): void => {
    // Not behind what is in the line that shows progress.
    program.progress('')
    console.error(line)
    // What stands above it now is not the table alone.
    tableLines = 0
  },
  /** Shows how far something is, in one line that the next one replaces; nowhere but in a terminal. */
  progress(line: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
  },
  /** Prints lines; in a terminal they take the place of those before. */
  table: (lines: readonly string[]): void => {
    const { stdout } = process
    if (!stdout.isTTY) {
      console.log(lines.join('\n'))
      return
    }
    // A line that is too long would take two.
    const cut = lines.map((line) => `${line.slice(0, (stdout.columns || 80) - 1)}\n`)
    stdout.write(`${tableLines > 0 ? `\x1b[${tableLines}A` : ''}\r\x1b[J${cut.join('')}`)
    tableLines = lines.length
  },
  stdin: (): AsyncIterable<Uint8Array> => process.stdin,
  exit: (code: number): never => process.exit(code),
  /** Calls back at the first SIGINT or SIGTERM, and then at each that follows. */
  onstop(first: () => void, again: () => void): void {
    let stopping = false
    const stop = () => {
      if (stopping) again()
      else first()
      stopping = true
    }
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop)
  },
}
