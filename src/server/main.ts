import manifest from '../../package.json' with { type: 'json' }
import { type Command, HELP, readCommandLine, UsageError } from './command-line.ts'
import { runtime } from './runtime/mod.ts'
import { isAddressInUse } from './runtime/port.ts'
import { program } from './runtime/program.ts'
import { FileError } from './runtime/user-files.ts'
import { addressOf, type ServeOptions, serve } from './serve.ts'
import { startLine } from './start-line.ts'

/** The server's part of the program: ends with 0, 1 (could not do it) or 2 (could not read its command line). */
export async function main(args: string[]): Promise<void> {
  const command = read(args)
  if (command.do === 'help') return program.print(HELP)
  if (command.do === 'version') return program.print(manifest.version)
  await run(command.options)
}

function read(args: string[]): Command {
  try {
    return readCommandLine(args, (name) => runtime.env(name))
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    program.complain(`${cause.message}\nTry --help`)
    return program.exit(2)
  }
}

async function run(options: ServeOptions): Promise<void> {
  try {
    const server = await serve(options)
    program.onstop(() => {
      server.close().then(
        () => program.exit(0),
        (cause: unknown) => fail(cause),
      )
    })
    program.print(startLine(server.url, options))
  } catch (cause) {
    fail(cause, options)
  }
}

function fail(cause: unknown, options: ServeOptions = {}): never {
  const { port, host } = addressOf(options)
  const inUse = `Cannot listen on ${host}:${port} as the port is in use: choose another with --port`
  const told = cause instanceof FileError || cause instanceof UsageError
  program.complain(isAddressInUse(cause) ? inUse : told ? cause.message : String((cause as Error).stack ?? cause))
  return program.exit(1)
}
