import manifest from '../../../package.json' with { type: 'json' }
import { ListenError } from '../listen.ts'
import { standardError } from '../metrics/line-output.ts'
import { runtime } from '../runtime/mod.ts'
import { asStarted, program } from '../runtime/program.ts'
import { FileError } from '../runtime/user-files.ts'
import { type ServeOptions, serve } from '../serve.ts'
import { HELP, readCommandLine, UsageError } from './command-line.ts'
import type { ProgramOptions } from './flags.ts'
import { startLine } from './start-line.ts'

/**
 * Runs the server's part of the program. The process exits with 0, or with 1 after a failure.
 *
 * @throws UsageError if the command line is invalid
 */
export async function main(args: string[]): Promise<void> {
  const command = readCommandLine(args, (name) => runtime.env(name))
  if (command.do === 'help') return program.print(asStarted(HELP))
  if (command.do === 'version') return program.print(manifest.version)
  await run(command.options)
}

/** Milliseconds over which the server asks its clients to reconnect. */
const DEFAULT_DRAIN = 10_000

/** How long the last lines of the log may take, in milliseconds. */
const LOG_GRACE = 1_000

async function run(options: ProgramOptions): Promise<void> {
  program.outliveOutput()
  try {
    const server = await serve(await withFiles(options))
    const stop = () => {
      server.drain(options.drain ?? DEFAULT_DRAIN).then(
        async () => {
          await standardError.flush(LOG_GRACE)
          program.exit(0)
        },
        (cause: unknown) => fail(cause),
      )
    }
    // A second signal means that the operator does not want to wait.
    program.onstop(stop, () => program.exit(1))
    // The start line says that the server is ready, so it comes after what the log has said until now.
    await standardError.flush(LOG_GRACE)
    announce(startLine(server.url, options))
  } catch (cause) {
    fail(cause)
  }
}

/** Prints the start line. If that fails, the server runs nevertheless: Deno throws, for example on a full disk. */
function announce(line: string): void {
  try {
    program.print(line)
  } catch (cause) {
    standardError.print(`Cannot print the start line: ${(cause as Error).message}`)
  }
}

/** Returns the options with the contents of the files that they name. */
async function withFiles({ tlsFiles, ...options }: ProgramOptions): Promise<ServeOptions> {
  if (tlsFiles === undefined) return options
  const [cert, key] = await Promise.all([runtime.readText(tlsFiles.cert), runtime.readText(tlsFiles.key)])
  return { ...options, tls: { cert, key } }
}

function fail(cause: unknown): never {
  const told = cause instanceof FileError || cause instanceof UsageError || cause instanceof ListenError
  program.complain(told ? cause.message : String((cause as Error).stack ?? cause))
  return program.exit(1)
}
