import { SignalError } from '../../protocol/mod.ts'
import { isControl, readControl } from '../wire/mod.ts'

/** What somebody may do in a room, as the server says it of a token; on an open server everything. */
export interface Permissions {
  publish: boolean
  subscribe: boolean
}

export const EVERYTHING: Permissions = { publish: true, subscribe: true }

/** @throws SignalError `forbidden`, reason `not-permitted` */
export function checkMayPublish({ publish }: Permissions): void {
  if (publish) return
  throw new SignalError('forbidden', 'Cannot publish as your token does not permit it', { reason: 'not-permitted' })
}

/** Whether a message begins a publication; one that nobody took has no streams, and what is in them is for nobody. */
export const isPublish = (data: Uint8Array | string): boolean =>
  typeof data !== 'string' && isControl(data) && readControl(data)?.[0] === 'publish'
