import { main as serve } from '../server/program/main.ts'
import { asStarted, program } from '../server/runtime/program.ts'
import { describeFailure } from './failure.ts'
import { type Command, helpTextOf, UsageError } from './shared/command.ts'

/** The program loads a command on demand, so that the server starts without the commands. */
const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  convert: () => import('./convert.ts'),
  publish: () => import('./publish.ts'),
  record: () => import('./record.ts'),
  watch: () => import('./watch.ts'),
}

/** Runs the program. It exits with 0 for success, 1 for a failure, or 2 for an invalid command line. */
export async function main(): Promise<void> {
  const [name = '', ...args] = program.args()
  try {
    // Options without a command are for the server.
    if (name === '' || name.startsWith('-')) return await serve(program.args())
    if (name === 'serve') return await serve(args)
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (load === undefined) {
      throw new UsageError(
        `Unknown command ${name}: it must be one of ${['serve', ...Object.keys(commands)].join(', ')}`,
      )
    }
    const { command } = await load()
    if (args.some((arg) => arg === '--help' || arg === '-h')) program.print(asStarted(helpTextOf(command)))
    else await command.run(args)
  } catch (cause) {
    const { message, code } = describeFailure(cause, Object.hasOwn(commands, name) ? name : '')
    program.complain(message)
    program.exit(code)
  }
}
