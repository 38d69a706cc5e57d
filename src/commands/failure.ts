import { FileError } from '../server/runtime/user-files.ts'
import { StreamError } from '../streams/shared/errors.ts'
import { Failure, UsageError } from './shared/command.ts'

/**
 * Returns the message for the user, and the exit code: 2 for an invalid command line, otherwise 1. The message of an
 * unexpected error is its stack.
 *
 * @param command the command's name; empty if there is no such command
 */
export function describeFailure(cause: unknown, command: string): { message: string; code: 1 | 2 } {
  if (cause instanceof UsageError) {
    return { message: `${cause.message}\nTry ${command === '' ? '' : `${command} `}--help`, code: 2 }
  }
  const told = cause instanceof Failure || cause instanceof FileError || cause instanceof StreamError
  return { message: told ? cause.message : String((cause as Error | undefined)?.stack ?? cause), code: 1 }
}
