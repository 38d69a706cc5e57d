import {
  type Environment,
  type FlagGroup,
  type ProgramOptions,
  readPort,
  readSeconds,
  textOf,
  UsageError,
  type Values,
} from './flags.ts'
import { identityFlags } from './identity-flags.ts'
import { limitFlags } from './limit-flags.ts'
import { runFlags } from './run-flags.ts'
import { parseArgs } from './runtime/program.ts'

export { UsageError }

const basicFlags: FlagGroup = {
  flags: { port: { type: 'string' }, host: { type: 'string' }, 'resume-grace': { type: 'string' } },
  help: `  --port NUMBER   TCP port; 0 picks a free one (default 8080, or PORT in the environment)
  --host ADDRESS  address to listen on; 0.0.0.0 for every interface (default localhost: this machine alone)
  --resume-grace SECONDS
                  how long a client that lost its connection is waited for; 0 for not at all (default 30)`,
  read(values, environment) {
    const options: ProgramOptions = {}
    const [port, host, grace] = ['port', 'host', 'resume-grace'].map((name) => textOf(values, name))
    const given = port ?? environment('PORT')
    if (given !== undefined) options.port = readPort(given, port === undefined ? 'PORT' : '--port')
    // Node and Bun take it for every interface.
    if (host === '') throw new UsageError('Cannot listen as --host must be an address: it is empty')
    if (host !== undefined) options.host = host
    if (grace !== undefined) options.resumeGrace = readSeconds(grace, '--resume-grace')
    return options
  },
}

const groups: readonly FlagGroup[] = [basicFlags, identityFlags, runFlags, limitFlags]

export const HELP: string = `Usage: mod.ts [serve] [options]
       mod.ts COMMAND …

Starts a signaling server for live device streams, with a page to try it at /.

Commands, each with a --help of its own:
  convert         turns a recording into another format: XDF to CSV, OpenBCI and CSV to XDF
  publish         publishes a recording, or what another program prints, in a room
  record          writes everything in a room to an XDF file
  watch           prints who is in a room, and what they publish

Options:
${groups.map(({ help }) => help).join('\n')}
  --help          show this text
  --version       show the version

Exits with 0, with 1 where something could not be done, and with 2 where the command line could not be read.
Run it with: bun run mod.ts, deno run -P mod.ts, or node mod.ts (24 or later)`

/** What the program was asked to do. */
export type Command = { do: 'help' } | { do: 'version' } | { do: 'serve'; options: ProgramOptions }

/**
 * Reads a command line.
 *
 * @throws UsageError
 */
export function readCommandLine(args: string[], environment: Environment): Command {
  const values = parse(args)
  if (values.help) return { do: 'help' }
  if (values.version) return { do: 'version' }
  return { do: 'serve', options: Object.assign({}, ...groups.map((group) => group.read(values, environment))) }
}

function parse(args: string[]): Values {
  const own = { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean', short: 'v' } } as const
  try {
    return parseArgs({ args, options: Object.assign({}, own, ...groups.map(({ flags }) => flags)) }).values
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}
