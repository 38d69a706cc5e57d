/** MediaStreams, and tracks of each, that may wait for their publication. */
const MOST = 64

/** A track of sound or pictures, and the stream it is in. */
export interface IncomingMedia {
  track: MediaStreamTrack
  stream: MediaStream
}

/** Sound and pictures that came before the publication they belong to. */
export class EarlyMedia {
  readonly #media = new Map<string, IncomingMedia[]>()

  /** @returns false where there is no room */
  add(media: IncomingMedia): boolean {
    const { id } = media.stream
    const early = this.#media.get(id) ?? []
    if (early.length >= MOST || this.#media.size >= MOST) return false
    this.#media.set(id, [...early, media])
    return true
  }

  take(id: string | undefined): IncomingMedia[] {
    if (id === undefined) return []
    const early = this.#media.get(id) ?? []
    this.#media.delete(id)
    return early
  }

  clear(): void {
    this.#media.clear()
  }
}
