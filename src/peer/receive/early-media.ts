/** Most MediaStreams that wait for their publication, and most tracks of each. */
const MOST = 64

/** An audio or video track, and the MediaStream that holds it. */
export interface IncomingMedia {
  track: MediaStreamTrack
  stream: MediaStream
}

/** Audio and video tracks that arrived before their publication. */
export class EarlyMedia {
  readonly #media = new Map<string, IncomingMedia[]>()

  /** @returns false if a limit is reached */
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
