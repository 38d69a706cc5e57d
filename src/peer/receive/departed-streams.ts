import type { RemoteClock } from '../../streams/mod.ts'
import type { PublicationInfo } from '../wire/mod.ts'
import type { Inbox } from './inbox.ts'
import type { IncomingPublication } from './inbox-events.ts'

/** What a peer's streams need to continue. It can outlive the peer's link and id. */
export interface Remembered {
  inbox: Inbox
  clock: RemoteClock
  /** When the peer became a receiver, in seconds. Undefined if it never did. */
  since: number | undefined
  /** Fingerprint of the peer's DTLS certificate (RFC 8122). Nobody else can use that certificate. */
  fingerprint: string | undefined
  /** The peer's verified identity. Streams never continue at a peer with another one. */
  auth: string | undefined
}

/** How long the streams of a device wait for it after its peer has left, in seconds. */
const LINGER = 10
/** Most departed peers whose streams wait at once. Past it, the streams of the oldest peer end. */
const MAX_LEFT = 64

/** Streams of peers that have left a room. They may come back after a reload, or under another id. */
export class DepartedStreams {
  readonly #left = new Map<Remembered, ReturnType<typeof setTimeout>>()

  add(remembered: Remembered): void {
    if (remembered.inbox.streams.size === 0) return
    const timer = setTimeout(() => this.#end(remembered), LINGER * 1000)
    this.#left.set(remembered, timer)
    const [oldest] = this.#left.keys()
    if (this.#left.size > MAX_LEFT && oldest !== undefined) this.#end(oldest)
  }

  get fingerprints(): (string | undefined)[] {
    return Array.from(this.#left.keys(), ({ fingerprint }) => fingerprint)
  }

  /** Removes and returns the streams of a departed peer with the same certificate and verified identity. */
  claim(fingerprint: string, auth: string | undefined): Remembered | undefined {
    for (const [remembered, timer] of this.#left) {
      if (remembered.fingerprint !== fingerprint || remembered.auth !== auth) continue
      clearTimeout(timer)
      this.#left.delete(remembered)
      return remembered
    }
    return undefined
  }

  /** Removes and returns a departed publication of the same device, if its peer had this verified identity. */
  take(info: PublicationInfo, auth: string | undefined): IncomingPublication | undefined {
    for (const [remembered] of this.#left) {
      if (remembered.auth !== auth) continue
      const taken = remembered.inbox.take((publication) => goesOn(publication, info))
      if (remembered.inbox.streams.size === 0) this.#end(remembered)
      if (taken !== undefined) return taken
    }
    return undefined
  }

  close(): void {
    for (const remembered of [...this.#left.keys()]) this.#end(remembered)
  }

  #end(remembered: Remembered): void {
    clearTimeout(this.#left.get(remembered))
    this.#left.delete(remembered)
    remembered.inbox.close()
  }
}

/**
 * Whether a publication can continue after a reload. Only a `sourceId` identifies a stream then, so each stream needs
 * one.
 */
export const isOfDevice = ({ streams }: IncomingPublication): boolean =>
  streams.size > 0 && [...streams.values()].every(({ description }) => description.sourceId !== '')

/** Whether a new publication continues a departed one: same name, same delivery, and streams of the same devices. */
function goesOn({ stream, streams }: IncomingPublication, { name, delivery, tracks }: PublicationInfo) {
  if (stream.name !== name || stream.delivery !== (delivery ?? 'reliable') || streams.size !== tracks.length)
    return false
  return [...streams.values()].every(({ description: before }, i) => {
    const [, description] = tracks[i] as PublicationInfo['tracks'][number]
    const { sourceId, format, channels } = description
    return before.sourceId === sourceId && before.format === format && before.channels.length === channels.length
  })
}
