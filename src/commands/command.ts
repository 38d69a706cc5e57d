/** One thing that the program can do. */
export interface Command {
  /** What `--help` prints. */
  help: string
  /**
   * Does it, and settles when there is nothing left to do but to wait.
   *
   * @throws UsageError where its arguments cannot be followed; Failure and other errors where it could not be done
   */
  run(args: string[]): Promise<void>
}

/** A command line that cannot be followed; the message is for its user. */
export { UsageError } from '../server/flags.ts'

/** Something that could not be done; the message is for its user. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
