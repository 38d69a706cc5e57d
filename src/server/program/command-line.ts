import { parseArgs } from '../runtime/program.ts'
import { UsageError } from '../shared/usage-error.ts'
import {
  type Environment,
  type FlagGroup,
  type Flags,
  type ProgramOptions,
  readPort,
  readSeconds,
  textOf,
  type Values,
} from './flags.ts'
import { helpFlag, helpOf } from './help.ts'
import { identityFlags } from './identity-flags.ts'
import { limitFlags } from './limit-flags.ts'
import { runFlags } from './run-flags.ts'
import { webFlags } from './web-flags.ts'

export { UsageError }

const basicFlags: FlagGroup = {
  flags: {
    port: {
      type: 'string',
      value: 'NUMBER',
      help: 'TCP port; 0 picks a free port (default 8080, or PORT of the environment)',
    },
    host: {
      type: 'string',
      value: 'ADDRESS',
      help: 'address to listen on; 0.0.0.0 for every interface (default localhost: only this machine)',
    },
    'resume-grace': {
      type: 'string',
      value: 'SECONDS',
      help: 'how long a disconnected client can resume its session; 0 turns resuming off (default 30)',
    },
  },
  read(values, environment) {
    const options: ProgramOptions = {}
    const [port, host, grace] = ['port', 'host', 'resume-grace'].map((name) => textOf(values, name))
    const given = port ?? environment('PORT')
    if (given !== undefined) options.port = readPort(given, port === undefined ? 'PORT' : '--port')
    // Node and Bun listen on every interface if the address is empty.
    if (host === '') throw new UsageError('Cannot listen: --host is empty')
    if (host !== undefined) options.host = host
    if (grace !== undefined) options.resumeGrace = readSeconds(grace, '--resume-grace')
    return options
  },
}

const groups: readonly FlagGroup[] = [basicFlags, webFlags, identityFlags, runFlags, limitFlags]

const ownFlags = {
  help: helpFlag,
  version: { type: 'boolean', short: 'v', help: 'shows the version' },
} as const satisfies Flags

/** Every option of the server. */
export const serverFlags: Flags = Object.assign({}, ...groups.map(({ flags }) => flags), ownFlags)

export const HELP: string = `Usage: mod.ts [serve] [options]
       mod.ts COMMAND …

Starts a signaling server for live device streams. Its page at / lets you try it.

Commands (each has --help):
  convert         converts a recording: XDF to CSV, OpenBCI text and CSV to XDF
  publish         publishes a recording or standard input in a room
  record          records a room to an XDF file
  watch           prints the peers and streams of a room

Options:
${helpOf(serverFlags)}

Exit codes: 0 for success, 1 if something failed, 2 for a command line that is not valid.
Run it with bun run mod.ts, deno run -P mod.ts, or node mod.ts (24 or later).`

/** What the command line asks the program to do. */
export type Command = { do: 'help' } | { do: 'version' } | { do: 'serve'; options: ProgramOptions }

/**
 * Reads the server's command line.
 *
 * @throws UsageError if an option or its value is invalid
 */
export function readCommandLine(args: string[], environment: Environment): Command {
  const values = parse(args)
  if (values.help) return { do: 'help' }
  if (values.version) return { do: 'version' }
  return { do: 'serve', options: Object.assign({}, ...groups.map((group) => group.read(values, environment))) }
}

function parse(args: string[]): Values {
  try {
    return parseArgs({ args, options: serverFlags }).values
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}
