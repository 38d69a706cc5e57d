import { parseArgs } from '../../server/runtime/program.ts'
import { UsageError } from './command.ts'

type Options = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

/**
 * Reads a command's arguments.
 *
 * @param names of the positional arguments, which are all required
 * @throws UsageError if an argument is missing, superfluous or invalid
 */
export function readArguments<const Given extends Options>(
  args: string[],
  names: readonly string[],
  options: Given,
): { values: ReturnType<typeof parseArgs<{ options: Given }>>['values']; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const missing = names[positionals.length]
    if (missing !== undefined) throw new UsageError(`${missing} is missing`)
    if (positionals.length > names.length) throw new UsageError(`${positionals[names.length]} is one argument too many`)
    return { values: values as never, positionals }
  } catch (cause) {
    throw cause instanceof UsageError ? cause : new UsageError((cause as Error).message, { cause })
  }
}
