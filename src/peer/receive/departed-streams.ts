import type { RemoteClock } from '../../streams/mod.ts'
import type { PublicationInfo } from '../wire/mod.ts'
import type { Inbox, IncomingPublication } from './inbox.ts'

/** What is known of somebody's streams, and may outlive their link and their id. */
export interface Remembered {
  inbox: Inbox
  clock: RemoteClock
  /** Since when they have been a receiver, in seconds. */
  since: number | undefined
  /** Of their DTLS certificate (RFC 8122), which nobody else can use. */
  fingerprint: string | undefined
}

/** How long streams of a device wait for it after its peer has left, in seconds. */
const LINGER = 10
/** People whose streams wait at once; past that the oldest end. */
const MAX_LEFT = 64

/** Streams of people who have left a room and may come back: after a reload, or under another id. */
export class LeftBehind {
  readonly #left = new Map<Remembered, ReturnType<typeof setTimeout>>()

  add(remembered: Remembered): void {
    if (remembered.inbox.streams.size === 0) return
    const timer = setTimeout(() => this.#end(remembered), LINGER * 1000)
    this.#left.set(remembered, timer)
    const [oldest] = this.#left.keys()
    if (this.#left.size > MAX_LEFT && oldest !== undefined) this.#end(oldest)
  }

  /** Of somebody who is surely the same. */
  claim(fingerprint: string): Remembered | undefined {
    for (const [remembered, timer] of this.#left) {
      if (remembered.fingerprint !== fingerprint) continue
      clearTimeout(timer)
      this.#left.delete(remembered)
      return remembered
    }
    return undefined
  }

  /** Of the same device, whoever publishes it now. */
  take(info: PublicationInfo): IncomingPublication | undefined {
    for (const [remembered] of this.#left) {
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

/** Whether it may go on after a reload: what is of no device nobody could know again. */
export const isOfDevice = ({ streams }: IncomingPublication): boolean =>
  streams.size > 0 && [...streams.values()].every(({ description }) => description.sourceId !== '')

/** Whether a publication is one that was there before: of the same name, and its streams of the same devices. */
function goesOn({ stream, streams }: IncomingPublication, { name, delivery, tracks }: PublicationInfo) {
  if (stream.name !== name || stream.delivery !== (delivery ?? 'reliable') || streams.size !== tracks.length)
    return false
  return [...streams.values()].every(({ description: before }, i) => {
    const [, description] = tracks[i] as PublicationInfo['tracks'][number]
    const { sourceId, format, channels } = description
    return before.sourceId === sourceId && before.format === format && before.channels.length === channels.length
  })
}
