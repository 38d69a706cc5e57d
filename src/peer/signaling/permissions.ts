import { SignalError } from '../../protocol/both-ends.ts'
import { isPublish, readControl } from '../wire/mod.ts'

/** What a user's token permits in a room. An open server permits everything. */
export interface Permissions {
  /** Whether peers receive what the user publishes. */
  publish: boolean
  /** Whether the user receives what peers publish. */
  subscribe: boolean
}

export const EVERYTHING: Permissions = { publish: true, subscribe: true }

/** @throws SignalError `forbidden`, reason `not-permitted` */
export function checkMayPublish({ publish }: Permissions): void {
  if (publish) return
  throw new SignalError('forbidden', 'Cannot publish: your token does not permit it', { reason: 'not-permitted' })
}

/**
 * Whether a message starts a publication. If the receiver drops it, it also ignores the streams' samples.
 *
 * @throws StreamError `bad-control` for an invalid publication
 */
export const startsPublication = (data: Uint8Array | string): boolean =>
  typeof data !== 'string' && isPublish(data) && readControl(data) !== undefined
