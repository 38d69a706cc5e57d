import type { Flags } from '../../server/program/flags.ts'
import { helpOf } from '../../server/program/help.ts'

/** One thing that the program can do. */
export interface Command {
  /** Ways to call it, such as `convert IN OUT [options]`. */
  usage: readonly string[]
  /** What it does, in a paragraph or more. */
  about: string
  options: Flags
  /** How to run it with Deno's permissions. */
  deno: string
  /**
   * Runs it to its end.
   *
   * @throws UsageError for arguments that are not valid; Failure and other errors if it could not be done
   */
  run(args: string[]): Promise<void>
}

/** A command line that is not valid; the message is for its user. */
export { UsageError } from '../../server/shared/usage-error.ts'

/** Something that could not be done; the message is for its user. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** What `--help` prints. */
export function helpTextOf({ usage, about, options, deno }: Command): string {
  return `Usage: ${usage.join('\n       ')}

${about}

Options:
${helpOf(options)}

With Deno: ${deno}`
}
