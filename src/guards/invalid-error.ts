import { visible } from '../unicode/visible.ts'

/** Longest reason and longest quotation in one, in UTF-16 code units. */
const MAX_REASON = 200

/** Why a value is not valid. */
export class InvalidError extends Error {
  /** Where the fault is: the keys and indexes from the checked value to the invalid one. */
  path: readonly (string | number)[] = []
}

/** Throws an `InvalidError`, which ends with what the value is. */
export function refuse(must: string, value: unknown): never {
  throw new InvalidError(`must ${must}: it is ${shown(value)}`)
}

/** Returns why a value is not valid. The reason can quote what a stranger sent, so it is escaped and cut. */
export function reasonOf({ message }: { message: string }): string {
  const reason = visible(message.slice(0, MAX_REASON))
  return message.length > MAX_REASON ? `${reason}…` : reason
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, MAX_REASON)}"`
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
