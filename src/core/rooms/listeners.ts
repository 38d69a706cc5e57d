import { SignalError } from '../../protocol/mod.ts'
import { type Counts, count, type UserType } from '../shared/mod.ts'

/** Most prefixes of one user. */
const MOST_PREFIXES = 32

/** The users that receive announcements of rooms that they are not in, and how the names of these rooms begin. */
export class Listeners implements Iterable<UserType> {
  readonly #limit: number
  readonly #counts: Pick<Counts, 'announced' | 'limited'>
  readonly #prefixes = new Map<UserType, Set<string>>()

  /** @param limit most users */
  constructor(limit: number, counts: Pick<Counts, 'announced' | 'limited'>) {
    this.#limit = limit
    this.#counts = counts
  }

  [Symbol.iterator](): Iterator<UserType> {
    return this.#prefixes.keys()
  }

  /** Adds a JSON user, which receives announcements of every room without a subscription, if there is place. */
  admit(user: UserType): void {
    if (this.#isFull(user)) count(this.#counts.limited, 'announcedUsers')
    else this.#put(user, '')
  }

  /** @throws SignalError `server-full`; `forbidden`, reason `too-many-subscriptions` */
  add(user: UserType, prefix: string): void {
    if (this.#isFull(user)) {
      const message = `Cannot announce rooms to more than ${this.#limit} users`
      throw new SignalError('server-full', message, { limit: 'announcedUsers' })
    }
    const prefixes = this.#prefixes.get(user)
    if (prefixes !== undefined && prefixes.size >= MOST_PREFIXES && !prefixes.has(prefix)) {
      throw new SignalError('forbidden', `Cannot subscribe to more than ${MOST_PREFIXES} prefixes`, {
        reason: 'too-many-subscriptions',
      })
    }
    this.#put(user, prefix)
  }

  /** @param prefix by default all prefixes of the user */
  remove(user: UserType, prefix?: string): void {
    const prefixes = this.#prefixes.get(user)
    if (prefix !== undefined) prefixes?.delete(prefix)
    if (prefix === undefined || prefixes?.size === 0) this.#prefixes.delete(user)
    this.#counts.announced = this.#prefixes.size
  }

  /** Returns whether the user receives announcements of rooms of this name. */
  listens(user: UserType, name: string): boolean {
    for (const prefix of this.#prefixes.get(user) ?? []) if (name.startsWith(prefix)) return true
    return false
  }

  clear(): void {
    this.#prefixes.clear()
    this.#counts.announced = 0
  }

  #isFull(user: UserType): boolean {
    return this.#prefixes.size >= this.#limit && !this.#prefixes.has(user)
  }

  #put(user: UserType, prefix: string): void {
    this.#prefixes.set(user, (this.#prefixes.get(user) ?? new Set()).add(prefix))
    this.#counts.announced = this.#prefixes.size
  }
}
