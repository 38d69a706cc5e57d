import { SignalError } from '../../protocol/mod.ts'
import type { Asker } from '../rooms/mod.ts'
import { type Clock, type Identity, NOBODY, type UserType, type WebRTCServiceOptions } from '../shared/mod.ts'

export interface AdmissionOptions {
  authenticate: WebRTCServiceOptions['authenticate']
  /** Whether everybody has to say who it is. */
  required: boolean
  clock: Clock
  /** How long somebody has to say so, in milliseconds. */
  helloTime: number
  /** Hears of a user whose identity is over. */
  onexpired(user: UserType): void
  /** Hears of a user that has not said who it is. */
  onsilent(user: UserType): void
}

/** What a token stands for: an identity, or a mere `auth` where nobody says more. */
export type Known = Pick<UserType, 'auth' | 'identity'>

/** Longest time that a timer holds, in milliseconds; beyond, it would go off at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Who is let in, as whom, and until when. */
export class Admission {
  readonly required: boolean
  readonly #options: AdmissionOptions
  readonly #timers = new Map<UserType, unknown>()

  constructor(options: AdmissionOptions) {
    this.required = options.required
    this.#options = options
  }

  /**
   * Somebody new, of whom the host says so much: an identity is what the host has verified itself.
   *
   * @throws SignalError `unauthorized` for an identity that is over
   */
  stranger(auth: string | Identity): Known {
    if (typeof auth !== 'string') return this.#check(auth, {})
    return this.required ? { auth: NOBODY.auth, identity: NOBODY } : { auth }
  }

  /**
   * Who somebody with this token is.
   *
   * @param now who that is without one
   * @throws SignalError `unauthorized`; `forbidden` where a user would become another
   */
  identify(token: string | undefined, now: Asker): Known | Promise<Known> {
    const { authenticate } = this.#options
    if (token === undefined) {
      if (now.identity === NOBODY) throw new SignalError('unauthorized', 'Cannot let you in without a token')
      return { auth: now.auth, identity: now.identity }
    }
    if (authenticate === undefined) throw new SignalError('unauthorized', 'Cannot take a token as none is asked for')
    const found = authenticate(token)
    return found instanceof Promise ? found.then((found) => this.#check(found, now)) : this.#check(found, now)
  }

  /** Gives somebody new the time to say hello, where everybody has to; or until what the host knows is over. */
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

  /** From now on the user is who it is known to be, until that is over. */
  admit(user: UserType, { auth, identity }: Known): void {
    this.release(user)
    user.auth = auth
    user.identity = identity
    if (identity?.expires !== undefined) this.#wait(user, identity.expires)
  }

  /** How long it is known who the user is, in milliseconds; undefined for as long as it is connected. */
  lifetime({ identity }: Known): number | undefined {
    return identity?.expires === undefined ? undefined : Math.max(0, identity.expires - this.#options.clock.now())
  }

  /** Forgets a user. */
  release(user: UserType): void {
    this.#options.clock.clearTimeout(this.#timers.get(user))
    this.#timers.delete(user)
  }

  clear(): void {
    for (const user of [...this.#timers.keys()]) this.release(user)
  }

  #check(found: string | Identity, { identity: before }: Asker): Known {
    if (typeof found === 'string') {
      // Its own word is worth less than what somebody trusted has said.
      if (before !== undefined && before !== NOBODY) throw anotherUser()
      if (this.required) throw new SignalError('unauthorized', 'Cannot let you in as nothing is known of that token')
      return { auth: found, identity: undefined }
    }
    if (found.expires !== undefined && found.expires <= this.#options.clock.now()) {
      throw new SignalError('unauthorized', 'Cannot take a token that has expired')
    }
    // What it made and where it is belongs to who it was.
    if (before !== undefined && before !== NOBODY && before.auth !== found.auth) {
      throw anotherUser()
    }
    return { auth: found.auth, identity: found }
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
  new SignalError('forbidden', 'Cannot become another user over the same connection', { reason: 'another-user' })
