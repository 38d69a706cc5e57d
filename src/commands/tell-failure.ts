import { FileError } from '../server/runtime/user-files.ts'
import { StreamError } from '../streams/shared/errors.ts'
import { Failure, UsageError } from './shared/command.ts'

/**
 * What the user is told, and the exit code: 2 where the command line could not be read, else 1. What nobody foresaw is
 * told with its stack.
 *
 * @param command empty where there is none of that name
 */
export function tellFailure(cause: unknown, command: string): { message: string; code: 1 | 2 } {
  if (cause instanceof UsageError) {
    return { message: `${cause.message}\nTry ${command === '' ? '' : `${command} `}--help`, code: 2 }
  }
  const told = cause instanceof Failure || cause instanceof FileError || cause instanceof StreamError
  return { message: told ? cause.message : String((cause as Error | undefined)?.stack ?? cause), code: 1 }
}
