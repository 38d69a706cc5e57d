import { pushSource, StreamError, sourceOf } from '../../streams/mod.ts'
import { checkFields, type Outbox, OutgoingPublication, type Publication, type PublishOptions } from '../publish/mod.ts'
import type { PushDescription } from './membership.ts'

/** The most publications of this user at once. Receivers accept no more from one peer. */
const MAX_PUBLICATIONS = 256

/** This user's publications in a room. */
export class OwnPublications {
  readonly #outbox: Outbox
  readonly #publications = new Set<Publication>()

  /** @param outbox sends the publications to the peers */
  constructor(outbox: Outbox) {
    this.#outbox = outbox
  }

  /**
   * @param source as `Membership.publish` takes it
   * @throws StreamError `bad-source`, `bad-description`
   */
  add(source: unknown, options: PublishOptions): Publication {
    if (this.#publications.size >= MAX_PUBLICATIONS) {
      throw new StreamError('bad-source', `Cannot publish more than ${MAX_PUBLICATIONS} sources at once`)
    }
    checkFields(options, 'the options')
    const publication = isDescription(source) ? this.#pushed(source, options) : this.#read(source, options)
    this.#publications.add(publication)
    publication.addEventListener('close', () => this.#publications.delete(publication))
    return publication
  }

  stop(): void {
    for (const publication of [...this.#publications]) publication.stop()
  }

  #read(source: unknown, options: PublishOptions): Publication {
    const media = typeof MediaStream === 'undefined' ? undefined : new MediaStream()
    const read = sourceOf(source, options)
    const { name = nameOf(source) } = options
    return new OutgoingPublication(read, name, options, this.#outbox, media)
  }

  #pushed(description: PushDescription, options: PublishOptions): Publication {
    const { source, push } = pushSource(description)
    const { name = description.name ?? '' } = options
    return Object.assign(new OutgoingPublication(source, name, options, this.#outbox), { push })
  }
}

/** A description is a plain object. A source has another prototype or one of these methods. */
const isDescription = (value: unknown): value is PushDescription =>
  typeof value === 'object' &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  !('subscribe' in value || Symbol.asyncIterator in value || 'getReader' in value)

const nameOf = (source: unknown): string => {
  const { name, label } = source as { name?: unknown; label?: unknown }
  return ([name, label].find((text) => typeof text === 'string' && text !== '') as string | undefined) ?? ''
}
