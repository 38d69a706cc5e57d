import process from 'node:process'
import { parseArgs } from 'node:util'
import { visible } from '../../unicode/visible.ts'

export { parseArgs }

/** One signal can arrive several times within this time, in ms: from a supervisor, and from a forwarding program. */
const ONE_SIGNAL = 1_000

/** How to start the program from the package, instead of from the repository. The first match counts. */
const FROM_PACKAGE: readonly (readonly [string, string])[] = [
  ['deno run -P=peer mod.ts', 'deno run -A npm:datastreams-webrtc'],
  ['with -P=peer', 'with -A'],
  ['deno run -P=files mod.ts', 'deno run --allow-read --allow-write npm:datastreams-webrtc'],
  ['deno run -P mod.ts', 'deno run --allow-net --allow-env npm:datastreams-webrtc'],
  ['bun run mod.ts', 'bunx --bun datastreams-webrtc'],
  ['node mod.ts', 'npx datastreams-webrtc'],
  ['mod.ts', 'datastreams-webrtc'],
]

/**
 * Returns a text of ours as the program's user needs it. Texts are written for the repository, and say `mod.ts`. Do not
 * pass texts from strangers.
 *
 * @param url this module's, which tells where the program comes from
 */
export function asStarted(text: string, url: string = import.meta.url): string {
  const isFile = url.startsWith('file:')
  // The package on npm is JavaScript. The one on JSR is TypeScript too, and Deno runs it without files.
  if (isFile && url.endsWith('.ts')) return text
  const changed = FROM_PACKAGE.reduce((changed, [there, here]) => changed.replaceAll(there, here), text)
  return isFile ? changed : changed.replaceAll('npm:datastreams-webrtc', 'jsr:@datastreams/webrtc/bin')
}

/** Lines of the table that the terminal shows. */
let tableLines = 0

/**
 * The program's arguments, streams, signals and exit, which all three runtimes have under Node's names. Output can
 * contain text from strangers, so its control characters are escaped. Only line feeds of whole texts pass.
 */
export const program = {
  args: (): string[] => process.argv.slice(2),
  print: (line: string): void => console.log(visible(line, '\n')),
  complain: (line: string): void => {
    // Clear the progress line before printing.
    program.progress('')
    console.error(visible(line, '\n'))
    // The next table must not replace the last one: other output follows it now.
    tableLines = 0
  },
  /** Shows the progress in one line, which the next call replaces. Does nothing without a terminal. */
  progress(line: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${visible(line)}`)
  },
  /** Prints lines. In a terminal, they replace the lines of the call before. */
  table: (given: readonly string[]): void => {
    const { stdout } = process
    const lines = given.map((line) => visible(line))
    if (!stdout.isTTY) {
      console.log(lines.join('\n'))
      return
    }
    // Cut long lines: a wrapped line would take two.
    const cut = lines.map((line) => `${line.slice(0, (stdout.columns || 80) - 1)}\n`)
    stdout.write(`${tableLines > 0 ? `\x1b[${tableLines}A` : ''}\r\x1b[J${cut.join('')}`)
    tableLines = lines.length
  },
  stdin: (): AsyncIterable<Uint8Array> => process.stdin,
  exit: (code: number): never => process.exit(code),
  /** Lets the program outlive its output: a full disk or a closed pipe then costs lines, and does not end it. */
  outliveOutput(): void {
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  },
  /** Calls `first` at the first SIGINT or SIGTERM, and `again` at each later one that is no repetition. */
  onstop(first: () => void, again: () => void): void {
    let stopped: { by: string; at: number } | undefined
    const stop = (by: string) => {
      if (stopped === undefined) {
        stopped = { by, at: performance.now() }
        first()
      } else if (by !== stopped.by || performance.now() - stopped.at > ONE_SIGNAL) again()
    }
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal))
  },
}
