import { isObject, type RelayName } from '../../protocol/both-ends.ts'
import type { LinksOptions } from './link-options.ts'

/** The support for clients before version 1. `datastreams-webrtc/legacy` exports the only one. */
export interface LegacyClients {
  /** Distinguishes the support from other objects. */
  readonly name: 'legacyClients'
}

/** The support as the companion uses it. Its types are no public names. */
export interface LegacySupport extends LegacyClients {
  /** Links to such a client. @param offers whether to send an offer at once; otherwise they wait for one */
  open(options: LinksOptions, offers: boolean): LegacyPair
}

/** The links to one client before version 1. */
export interface LegacyPair {
  /** Signals and messages that could not be used. */
  readonly dropped: number
  receive(name: RelayName, body: unknown): void
  close(): void
}

/** Whether a signal is a description of a client before version 1, which sends no `link`. */
export const isLegacy = (name: RelayName, body: unknown): boolean =>
  (name === 'offer' || name === 'answer') &&
  isObject(body) &&
  body.link === undefined &&
  body.type === name &&
  typeof body.sdp === 'string' &&
  body.sdp.startsWith('v=0')
