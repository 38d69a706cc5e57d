/**
 * Links to clients before version 1, such as pages with datastreams-api 0.0. Few apps meet such clients, so this is an
 * import of its own.
 *
 * @module
 */
import type { LegacyClients, LegacySupport } from '../link/mod.ts'
import { LegacyLinks } from './legacy-links.ts'

export type { LegacyClients }

const support: LegacySupport = {
  name: 'legacyClients',
  open: (options, offers) => new LegacyLinks(options, offers),
}

/**
 * Pass this to `connect`, and the session also links to clients before version 1. Without it, such a client is a peer
 * that never connects.
 *
 * @example
 * ```ts
 * import { legacyClients } from 'datastreams-webrtc/legacy'
 * import { connect, type Session } from 'datastreams-webrtc/peer'
 *
 * export const open = (url: string): Promise<Session> => connect(url, { legacyClients })
 * ```
 */
export const legacyClients: LegacyClients = support
