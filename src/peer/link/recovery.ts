import type { Recovered, Recovering, RecoveryCause, RecoveryStep } from './recovery-events.ts'

export interface RecoveryOptions {
  /** Whether this side creates new links. Otherwise it requests them from the other peer. */
  readonly createsLinks: boolean
  /** Whether a TURN server is configured. */
  readonly hasRelay: boolean
  /** @returns the time in seconds */
  now(): number
  /** Calls `callback` after `seconds`. The returned function cancels the call. */
  after(seconds: number, callback: () => void): () => void
  /** @returns a number from 0 to 1 */
  random(): number
  /** Restarts ICE on the current link, or requests a restart from the other peer. */
  restart(): void
  /** Closes the current link: it is lost. */
  close(): void
  /** Creates a new link, or requests one from the other peer. */
  rebuild(relayed: boolean): void
  recovering(detail: Recovering): void
  recovered(detail: Recovered): void
}

/** Seconds that a new link, or an ICE restart, may take to connect. */
export const CONNECT_TIMEOUT = 15
/** Seconds for the peer that requests links. Longer, or it would request a link that the other peer is creating. */
export const REQUEST_TIMEOUT = 20
/** Seconds before a new link: doubled each time up to `MOST_DELAY`, half of it random. */
const LEAST_DELAY = 0.5
export const MOST_DELAY = 30
/**
 * A step that starts within this many seconds is emitted only when it starts. A peer that leaves the room closes its
 * link first, and that must not emit a recovery.
 */
const LONG_DELAY = 1
/** A link that was connected for this many seconds was stable: the delay starts at `LEAST_DELAY` again. */
export const STABLE = 2

/**
 * Decides how and when to restore a lost link. First comes an ICE restart, then a new link over TURN, then a new link
 * over any route. The last two alternate until `stop()`. The callbacks in its options do the work.
 */
export class Recovery {
  readonly #options: RecoveryOptions
  #state: 'connecting' | 'connected' | 'restarting' | 'waiting' | 'stopped' = 'connecting'
  #step: RecoveryStep = 'rebuild'
  #cancel: () => void = () => {}
  /** New links since the link was last stable. */
  #tries = 0
  #restarts = 0
  #offers = 0
  #connectedAt = 0
  /** When the link was lost; undefined while it is connected. */
  #lostAt: number | undefined
  #paused = false
  #cause: RecoveryCause = 'failed'
  #interruptedUntil = Number.NEGATIVE_INFINITY

  /** Expects that the first link is already opening. */
  constructor(options: RecoveryOptions) {
    this.#options = options
    this.#awaitConnection()
  }

  /** The link is open, and messages of the other peer arrive. */
  connected(): void {
    if (this.#state === 'stopped') return
    this.#restored()
  }

  /** No candidate pair works at the moment. */
  disconnected(): void {
    if (this.#state !== 'connected') return
    this.#state = 'restarting'
    this.#step = 'restart'
    this.#lostAt ??= this.#options.now()
    this.#resetIfStable()
    this.#emit('disconnected', 'restart', ++this.#restarts)
    this.#wait(CONNECT_TIMEOUT, () => this.lost('timeout'))
    if (!this.#paused) this.#options.restart()
  }

  /** A candidate pair works again. */
  reconnected(): void {
    if (this.#state === 'restarting') this.#restored()
  }

  /** The link is closed, or useless. */
  lost(cause: RecoveryCause): void {
    if (this.#state === 'stopped' || this.#state === 'waiting') return
    if (this.#state === 'connected') this.#resetIfStable()
    this.#state = 'waiting'
    this.#lostAt ??= this.#options.now()
    this.#options.close()
    this.#scheduleRebuild(cause)
  }

  /** The other peer offered a new link. */
  offered(relayed: boolean): void {
    if (this.#state === 'stopped') return
    this.#lostAt ??= this.#options.now()
    this.#step = relayed ? 'relay' : 'rebuild'
    this.#emit('asked', this.#step, ++this.#offers)
    this.#awaitConnection()
  }

  /** Whether no new link is being opened. Only then may the other peer request one. */
  get isWaiting(): boolean {
    return this.#state === 'waiting'
  }

  get isConnected(): boolean {
    return this.#state === 'connected'
  }

  /** Starts no steps for now, because no signal can reach the other peer. */
  pause(): void {
    this.#paused = true
  }

  /**
   * Continues, and restores a link that was lost meanwhile.
   *
   * @param opensNext whether this peer must open the next link: its request to the other peer was lost
   */
  resume(opensNext: boolean): void {
    this.#paused = false
    if (this.#state === 'restarting') this.#options.restart()
    if (opensNext && this.#state === 'connecting') this.#state = 'waiting'
    if (this.#state !== 'waiting') return
    this.#tries = 0
    this.#scheduleRebuild('moved')
  }

  /** The obstacle seems to be gone, such as an offline network: starts again with the least delay. */
  hurry(): void {
    if (this.#state !== 'waiting') return
    this.#tries = 0
    this.#scheduleRebuild(this.#cause)
  }

  /** Closes the link and creates no other for this many seconds. */
  interrupt(seconds: number): void {
    this.#interruptedUntil = this.#options.now() + seconds
    if (this.#state === 'waiting') this.#scheduleRebuild('interrupted')
    else this.lost('interrupted')
  }

  stop(): void {
    this.#state = 'stopped'
    this.#cancel()
  }

  #scheduleRebuild(cause: RecoveryCause): void {
    const { now, random } = this.#options
    this.#cause = cause
    this.#cancel()
    if (this.#paused) {
      this.#emitNext(cause, Number.POSITIVE_INFINITY)
      return
    }
    const most = Math.min(MOST_DELAY, LEAST_DELAY * 2 ** this.#tries)
    const delay = Math.max(most * (0.5 + random() / 2), this.#interruptedUntil - now())
    const isLong = delay > LONG_DELAY
    if (isLong) this.#emitNext(cause, delay)
    this.#wait(delay, () => this.#rebuild(isLong ? undefined : cause))
  }

  /** @param cause what to emit; undefined if it was emitted already */
  #rebuild(cause: RecoveryCause | undefined): void {
    if (cause !== undefined) this.#emitNext(cause, 0)
    const relayed = this.#isNextRelayed
    this.#step = relayed ? 'relay' : 'rebuild'
    this.#tries++
    this.#awaitConnection()
    this.#options.rebuild(relayed)
  }

  /** The first new link uses TURN, because all other routes have just failed. */
  get #isNextRelayed(): boolean {
    return this.#options.hasRelay && this.#tries % 2 === 0
  }

  #emitNext(cause: RecoveryCause, delay: number): void {
    this.#emit(cause, this.#isNextRelayed ? 'relay' : 'rebuild', this.#tries + 1, delay)
  }

  #awaitConnection(): void {
    this.#state = 'connecting'
    this.#wait(this.#options.createsLinks ? CONNECT_TIMEOUT : REQUEST_TIMEOUT, () => this.lost('timeout'))
  }

  #restored(): void {
    this.#cancel()
    this.#state = 'connected'
    this.#connectedAt = this.#options.now()
    const lostAt = this.#lostAt
    this.#lostAt = undefined
    if (lostAt !== undefined) this.#options.recovered({ seconds: this.#options.now() - lostAt, step: this.#step })
  }

  /** Resets the counters only after a stable link, so that links which close at once wait longer each time. */
  #resetIfStable(): void {
    if (this.#options.now() - this.#connectedAt < STABLE) return
    this.#tries = 0
    this.#restarts = 0
    this.#offers = 0
  }

  #emit(cause: RecoveryCause, step: RecoveryStep, attempt: number, delay = 0): void {
    this.#options.recovering({ cause, step, attempt, delay })
  }

  #wait(seconds: number, callback: () => void): void {
    this.#cancel()
    this.#cancel = this.#options.after(seconds, callback)
  }
}
