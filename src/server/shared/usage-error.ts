/** A command line that is not valid; the message is for its user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
