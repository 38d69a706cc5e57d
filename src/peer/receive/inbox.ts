import { type RemoteClock, type StreamDescription, StreamError } from '../../streams/mod.ts'
import {
  type AnnouncedStream,
  type Control,
  isControl,
  type PublicationInfo,
  readControl,
  type Want,
} from '../wire/mod.ts'
import { Decoder } from './decoder.ts'
import type { InboxEvents, IncomingPublication } from './inbox-events.ts'
import { IncomingPublications } from './incoming-publications.ts'
import type { RemoteStream, RemoteStreamStats } from './remote-stream.ts'

/** Numbers of publications and streams that continue, and that the new link has not announced yet. */
interface Known {
  publications: Set<number>
  streams: Set<number>
}

/**
 * Takes one peer's messages, and passes chunks to the decoder and controls to the publications. It validates every
 * message, and outlives the links that carry them.
 */
export class Inbox {
  /** Messages about unknown streams, or of a later protocol version. */
  ignored = 0
  events: InboxEvents
  readonly #decoder: Decoder
  readonly #publications: IncomingPublications
  #links = 0
  #wanted = false
  /**
   * What continues over a new link that has not announced it yet. `undecided` until the publisher says what continues.
   */
  #again: Known | 'undecided' | undefined

  /**
   * @param clock the peer's clock
   * @param maxKnown most streams and publications of the peer, including those that have ended
   */
  constructor(events: InboxEvents, clock: RemoteClock, maxKnown: number = Number.POSITIVE_INFINITY) {
    this.events = events
    this.#decoder = new Decoder(clock, maxKnown)
    this.#publications = new IncomingPublications(this.#decoder, () => this.events)
  }

  get streams(): ReadonlyMap<string, RemoteStream> {
    return this.#publications.streams
  }

  /**
   * Takes a message of the ordered channel.
   *
   * @throws StreamError if the message breaks the protocol; the caller should then close the link
   */
  receive(data: Uint8Array | string): void {
    if (typeof data === 'string') throw new StreamError('bad-control', 'Cannot take text on a data channel')
    if (!isControl(data)) this.#ignoreUnless(this.#decoder.decode(data))
    else {
      const control = readControl(data)
      if (control === undefined) this.ignored++
      else this.#control(control)
    }
  }

  /**
   * Takes a message of the channel that neither orders nor repeats. It carries only chunks, of streams that are not
   * reliable.
   *
   * @throws StreamError as `receive` does
   */
  receiveUnordered(data: Uint8Array): void {
    this.#ignoreUnless(this.#decoder.decodeUnordered(data))
  }

  addMedia(track: MediaStreamTrack, stream: MediaStream): void {
    this.#ignoreUnless(this.#publications.addMedia(track, stream))
  }

  /** Whether no link has carried messages for this inbox yet, so there is nothing to resume. */
  get isNew(): boolean {
    return this.#links === 0
  }

  /**
   * Prepares for a new link.
   *
   * @param history seconds of the past to request of unknown streams
   * @returns the request to send on the link
   */
  relink(history: number): Want {
    if (this.#links++ === 0) return { history }
    this.#again = 'undecided'
    const resume: [number, number][] = []
    for (const [number, entry] of this.#decoder.entries) {
      entry.relinked()
      if (entry.next !== undefined) resume.push([number, entry.next])
    }
    return { history, resume, ended: this.#decoder.over }
  }

  /** The link is gone. The next one sends its own `want` and its own media. */
  unlink(): void {
    this.#wanted = false
    this.#publications.clearMedia()
  }

  /** Returns the counts of all streams, live and ended. */
  stats(): RemoteStreamStats {
    return this.#publications.stats()
  }

  /** Ends every stream, except those of publications for which `lingers` returns true. */
  close(lingers: (publication: IncomingPublication) => boolean = () => false): void {
    this.#publications.close(lingers)
  }

  /** Removes and returns a publication that continues elsewhere, without ending its streams. */
  take(matches: (publication: IncomingPublication) => boolean): IncomingPublication | undefined {
    return this.#publications.take(matches)
  }

  #ignoreUnless(found: boolean): void {
    if (!found) this.ignored++
  }

  #control(control: Control): void {
    if (control[0] === 'want') this.#want(control[1])
    else if (control[0] === 'resume') this.#resume(control[1], control[2])
    else if (control[0] === 'moved') this.events.moved(control[1])
    else if (control[0] === 'publish') this.#publish(control[1], control[2])
    else if (control[0] === 'track') this.#track(control[1], control.slice(2) as unknown as AnnouncedStream)
    else if (control[0] === 'describe') this.#describe(control[1], control[2])
    else if (control[0] === 'untrack') this.#ignoreUnless(this.#publications.untrack(control[1], control[2]))
    else if (control[0] === 'received') this.events.received(control[1])
    else {
      this.#ignoreUnless(this.#publications.unpublish(control[1], control[2]))
      this.events.taken(control[1])
    }
  }

  #want(want: Want): void {
    if (this.#wanted) this.ignored++
    else this.events.want(want)
    this.#wanted = true
  }

  /** Ends what the publisher no longer knows. The publisher announces the rest again. */
  #resume(publications: readonly number[], streams: readonly number[]): void {
    if (this.#again !== 'undecided') {
      this.ignored++
      return
    }
    const kept = { publications: new Set(publications), streams: new Set(streams) }
    for (const number of this.#publications.numbers) {
      if (!kept.publications.has(number)) this.#publications.unpublish(number)
    }
    for (const [number] of this.#decoder.entries) if (!kept.streams.has(number)) this.#publications.untrack(number, 0)
    const known = (numbers: Set<number>, map: { has(number: number): boolean }) =>
      new Set([...numbers].filter((number) => map.has(number)))
    this.#again = {
      publications: known(kept.publications, this.#publications),
      streams: known(kept.streams, this.#decoder),
    }
    this.#publications.recovered()
  }

  /**
   * Returns what continues from the link before.
   *
   * A publisher that announces something before its `resume` starts anew: then everything from before ends.
   */
  #known(): Known | undefined {
    if (this.#again === 'undecided') this.#resume([], [])
    return this.#again as Known | undefined
  }

  #publish(number: number, info: PublicationInfo): void {
    if (!this.#known()?.publications.delete(number)) this.#publications.publish(number, info)
    else for (const track of info.tracks) this.#track(number, track)
  }

  #track(publication: number, track: AnnouncedStream): void {
    const [number, description] = track
    const again = this.#known()?.streams
    const entry = this.#publications.get(publication)?.streams.get(number)
    if (entry !== undefined && again?.delete(number)) this.#decoder.describe(number, entry, description)
    else this.#ignoreUnless(this.#publications.addTrack(publication, track))
  }

  #describe(number: number, description: StreamDescription): void {
    const entry = this.#decoder.get(number)
    if (entry === undefined) this.ignored++
    else this.#decoder.describe(number, entry, description)
  }
}
