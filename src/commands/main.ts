import { main as serve } from '../server/program/main.ts'
import { program } from '../server/runtime/program.ts'
import { type Command, helpTextOf, UsageError } from './shared/command.ts'
import { tellFailure } from './tell-failure.ts'

/** Loaded when they are asked for, so that the server starts without them. */
const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  convert: () => import('./convert.ts'),
  publish: () => import('./publish.ts'),
  record: () => import('./record.ts'),
  watch: () => import('./watch.ts'),
}

/** The program: does what its command line says, and ends with 0, 1 (could not do it) or 2 (could not read it). */
export async function main(): Promise<void> {
  const [name = '', ...args] = program.args()
  try {
    // Options alone are the server's.
    if (name === '' || name.startsWith('-')) return await serve(program.args())
    if (name === 'serve') return await serve(args)
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (load === undefined) {
      throw new UsageError(`Cannot do ${name} as it must be one of ${['serve', ...Object.keys(commands)].join(', ')}`)
    }
    const { command } = await load()
    if (args.some((arg) => arg === '--help' || arg === '-h')) program.print(helpTextOf(command))
    else await command.run(args)
  } catch (cause) {
    const { message, code } = tellFailure(cause, Object.hasOwn(commands, name) ? name : '')
    program.complain(message)
    program.exit(code)
  }
}
