import type * as v from 'valibot'
import { visible } from './visible.ts'

/** Longest reason, in UTF-16 code units. */
const MAX_REASON = 200

/** Returns why a value is not valid. The reason can quote what a stranger sent, so it is escaped and cut. */
export function reasonOf({ message }: v.BaseIssue<unknown>): string {
  const reason = visible(message.slice(0, MAX_REASON))
  return message.length > MAX_REASON ? `${reason}…` : reason
}
