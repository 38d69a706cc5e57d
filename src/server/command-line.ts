import { parseArgs } from './runtime/program.ts'
import type { ServeOptions } from './serve.ts'

export const HELP = `Usage: mod.ts [options]

Starts a signaling server for live device streams, with a page to try it at /.

Options:
  --port NUMBER   TCP port; 0 picks a free one (default 8080, or PORT in the environment)
  --host ADDRESS  address to listen on; 0.0.0.0 for every interface (default localhost: this machine alone)
  --resume-grace SECONDS
                  how long a client that lost its connection is waited for; 0 for not at all (default 30)
  --help          show this text
  --version       show the version

Run it with: bun run mod.ts, deno run -P mod.ts, or node mod.ts (24 or later)`

/** What the program was asked to do. */
export type Command = { do: 'help' } | { do: 'version' } | { do: 'serve'; options: ServeOptions }

/** A command line that cannot be followed; the message is for its user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads a command line.
 *
 * @param port the environment's PORT
 * @throws UsageError
 */
export function readCommandLine(args: string[], port: string | undefined): Command {
  const { values } = parse(args)
  if (values.help) return { do: 'help' }
  if (values.version) return { do: 'version' }
  const options: ServeOptions = {}
  const given = values.port ?? port
  if (given !== undefined) options.port = readPort(given, values.port === undefined ? 'PORT' : '--port')
  if (values.host !== undefined) options.host = values.host
  const grace = values['resume-grace']
  if (grace !== undefined) options.resumeGrace = readSeconds(grace, '--resume-grace') * 1_000
  return { do: 'serve', options }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        'resume-grace': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    })
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}

function readPort(text: string, name: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new UsageError(`Cannot listen as ${name} must be in 0..65535: it is ${text}`)
}

/** A day at most, which every timer can hold. */
const MAX_SECONDS = 86_400

function readSeconds(text: string, name: string): number {
  const seconds = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && seconds <= MAX_SECONDS) return seconds
  throw new UsageError(`Cannot wait as ${name} must be in 0..${MAX_SECONDS} seconds: it is ${text}`)
}
