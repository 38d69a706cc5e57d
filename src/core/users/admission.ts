import { SignalError } from '../../protocol/mod.ts'
import type { Asker } from '../rooms/mod.ts'
import { type Clock, type Identity, NOBODY, type UserType, type WebRTCServiceOptions } from '../shared/mod.ts'

export interface AdmissionOptions {
  authenticate: WebRTCServiceOptions['authenticate']
  /** Whether every user must show a token. */
  required: boolean
  clock: Clock
  /** How long a user has to show it, in milliseconds. */
  helloTime: number
  /** Called when a user's identity has expired. */
  onexpired(user: UserType): void
  /** Called when a user has not shown its token in time. */
  onsilent(user: UserType): void
}

/** What a token stands for: an identity, or only an `auth`. */
export type Known = Pick<UserType, 'auth' | 'identity'>

/** Longest delay of a timer, in milliseconds. A longer timer would fire immediately. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Decides which users are admitted, with which identity, and for how long. */
export class Admission {
  readonly required: boolean
  readonly #options: AdmissionOptions
  readonly #timers = new Map<UserType, unknown>()

  constructor(options: AdmissionOptions) {
    this.required = options.required
    this.#options = options
  }

  /**
   * Returns what is known of a new user.
   *
   * @param auth what the host says about the user; the service trusts an `Identity`, because the host has verified it
   * @throws SignalError `unauthorized` if the identity has expired
   */
  stranger(auth: string | Identity): Known {
    if (typeof auth !== 'string') return this.#check(auth, {})
    return this.required ? { auth: NOBODY.auth, identity: NOBODY } : { auth }
  }

  /**
   * Returns the identity that a token stands for.
   *
   * @param now the current identity, which a user without a token keeps
   * @throws SignalError `unauthorized`; `forbidden` if the token is another user's
   */
  identify(token: string | undefined, now: Asker): Known | Promise<Known> {
    const { authenticate } = this.#options
    if (token === undefined) {
      if (now.identity === NOBODY) throw new SignalError('unauthorized', 'Cannot connect: this server requires a token')
      return { auth: now.auth, identity: now.identity }
    }
    if (authenticate === undefined)
      throw new SignalError('unauthorized', 'Cannot accept a token: this server requires none')
    const found = authenticate(token)
    return found instanceof Promise ? found.then((found) => this.#check(found, now)) : this.#check(found, now)
  }

  /** Starts a new user's timer: the time for its hello if a token is required, or the lifetime of its identity. */
  await(user: UserType): void {
    if (user.identity !== NOBODY) {
      if (user.identity !== undefined) this.admit(user, user)
      return
    }
    const { clock, helloTime, onsilent } = this.#options
    const dismiss = () => {
      this.#timers.delete(user)
      onsilent(user)
    }
    this.#timers.set(user, clock.setTimeout(dismiss, helloTime))
  }

  /** Sets the user's identity, and starts a timer for its expiry. */
  admit(user: UserType, { auth, identity }: Known): void {
    this.release(user)
    user.auth = auth
    user.identity = identity
    if (identity?.expires !== undefined) this.#wait(user, identity.expires)
  }

  /** Returns the remaining lifetime of an identity, in milliseconds; undefined if it never expires. */
  lifetime({ identity }: Known): number | undefined {
    return identity?.expires === undefined ? undefined : Math.max(0, identity.expires - this.#options.clock.now())
  }

  /** Stops the user's timer. */
  release(user: UserType): void {
    this.#options.clock.clearTimeout(this.#timers.get(user))
    this.#timers.delete(user)
  }

  clear(): void {
    for (const user of [...this.#timers.keys()]) this.release(user)
  }

  #check(found: string | Identity, { identity: before }: Asker): Known {
    if (typeof found === 'string') {
      // A plain `auth` must not replace an identity that a token or the host has verified.
      if (before !== undefined && before !== NOBODY) throw anotherUser()
      if (this.required) throw new SignalError('unauthorized', 'Cannot accept the token: it is unknown')
      return { auth: found, identity: undefined }
    }
    if (found.expires !== undefined && found.expires <= this.#options.clock.now()) {
      throw new SignalError('unauthorized', 'Cannot accept the token: it has expired')
    }
    // The user's rooms belong to its previous identity, so another identity must not take them over.
    if (before !== undefined && before !== NOBODY && before.auth !== found.auth) {
      throw anotherUser()
    }
    // Names are normalized (NFC), so the identity's own and its patterns must be too.
    const { auth, name, rooms } = found
    return { auth, identity: { ...found, name: name?.normalize(), rooms: rooms?.map((room) => room.normalize()) } }
  }

  #wait(user: UserType, expires: number): void {
    const { clock, onexpired } = this.#options
    const left = expires - clock.now()
    const expire = () => {
      if (left > LONGEST_TIMER) this.#wait(user, expires)
      else onexpired(user)
    }
    this.#timers.set(user, clock.setTimeout(expire, Math.min(left, LONGEST_TIMER)))
  }
}

const anotherUser = (): SignalError =>
  new SignalError('forbidden', 'Cannot change the user of a connection: connect again', { reason: 'another-user' })
