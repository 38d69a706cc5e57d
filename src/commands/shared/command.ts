import type { Flags } from '../../server/program/flags.ts'
import { helpOf } from '../../server/program/help.ts'

/** A command of the program. */
export interface Command {
  /** Forms of its command line, such as `convert IN OUT [options]`. */
  usage: readonly string[]
  /** What the command does, in one or more paragraphs. */
  about: string
  options: Flags
  /** How to run the command with Deno's permissions. */
  deno: string
  /**
   * Runs the command to its end.
   *
   * @throws UsageError if the arguments are invalid; Failure and other errors if the command fails
   */
  run(args: string[]): Promise<void>
}

/** The command line is invalid. The message is for its user. */
export { UsageError } from '../../server/shared/usage-error.ts'

/** The command failed. The message is for its user. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** Returns how to use a command and what it does. */
export const introductionOf = ({ usage, about }: Command): string => `Usage: ${usage.join('\n       ')}\n\n${about}`

/** Returns the text that `--help` prints. */
export function helpTextOf(command: Command): string {
  const { options, deno } = command
  return `${introductionOf(command)}

Options:
${helpOf(options)}

With Deno: ${deno}`
}
