/** Why a link needs help. */
export type RecoveryCause =
  /** No way to the other is open at the moment (RFC 8445; W3C WebRTC, `disconnected`). */
  | 'disconnected'
  /** The RTCPeerConnection failed or was closed. */
  | 'failed'
  /** It was not connected in time. */
  | 'timeout'
  /** The other side asked for it. */
  | 'asked'
  /** `session.interrupt()`. */
  | 'interrupted'
  /** One of both got a new id, and the link did not come along. */
  | 'moved'

/** A new search for a way on the same connection; a new connection over TURN alone; a new connection. */
export type RecoveryStep = 'restart' | 'relay' | 'rebuild'

export interface Recovering {
  cause: RecoveryCause
  step: RecoveryStep
  /** Of this step, from 1, since the link was last well. */
  attempt: number
  /** In so many seconds; Infinity where it waits for the server to tell of the peer again. */
  delay: number
}

export interface Recovered {
  /** Since it was lost. */
  seconds: number
  /** What helped. */
  step: RecoveryStep
}

export interface RecoveryOptions {
  /** Whether new connections are this side's to make; else it asks for them. */
  readonly drives: boolean
  /** Whether there is a TURN server to go over. */
  readonly hasRelay: boolean
  /** In seconds. */
  now(): number
  /** Calls back so many seconds later, unless what it returns is called before. */
  after(seconds: number, callback: () => void): () => void
  /** From 0 to 1. */
  random(): number
  /** Looks for another way on the connection that there is, or asks for it. */
  restart(): void
  /** Gives the connection up: it helps no more. */
  drop(): void
  /** Makes a new connection, or asks for it. */
  rebuild(relayed: boolean): void
  recovering(detail: Recovering): void
  recovered(detail: Recovered): void
}

/** How long a new connection may take, and a new search for a way, in seconds. */
export const CONNECT_TIMEOUT = 15
/** The side that asks waits longer than the one it asks, or it would ask for what is being done. */
export const ASK_TIMEOUT = 20
/** Between two connections, in seconds: doubled each time, half of it at random. */
const LEAST_DELAY = 0.5
export const MOST_DELAY = 30
/**
 * A step that begins within so many seconds is told of as it begins: whoever leaves the room closes the link first, and
 * is no case for recovery.
 */
const LONG_DELAY = 1
/** What was connected for so many seconds begins with the least delay again. */
export const STABLE = 2

/**
 * The ladder by which a link that is lost comes back: another way for the same connection, a new connection over TURN,
 * a new one altogether, the last two in turns until it is stopped. It decides what is done when, and does none of it.
 */
export class Recovery {
  readonly #options: RecoveryOptions
  #state: 'connecting' | 'connected' | 'restarting' | 'waiting' | 'stopped' = 'connecting'
  #step: RecoveryStep = 'rebuild'
  #cancel: () => void = () => {}
  /** Connections made since it was stable. */
  #tries = 0
  #restarts = 0
  #offers = 0
  #connectedAt = 0
  /** When the link was lost; undefined while it is well. */
  #lostAt: number | undefined
  #paused = false
  #cause: RecoveryCause = 'failed'
  #holdUntil = Number.NEGATIVE_INFINITY

  /** The first connection is on its way. */
  constructor(options: RecoveryOptions) {
    this.#options = options
    this.#await()
  }

  /** The connection is open, and what the other side says arrives. */
  connected(): void {
    if (this.#state === 'stopped') return
    this.#well()
  }

  /** There is no way at the moment. */
  disconnected(cause: RecoveryCause = 'disconnected'): void {
    if (this.#state !== 'connected') return
    this.#state = 'restarting'
    this.#step = 'restart'
    this.#lostAt ??= this.#options.now()
    this.#settleTries()
    this.#tell(cause, 'restart', ++this.#restarts)
    this.#wait(CONNECT_TIMEOUT, () => this.lost('timeout'))
    if (!this.#paused) this.#options.restart()
  }

  /** There is a way again. */
  reconnected(): void {
    if (this.#state === 'restarting') this.#well()
  }

  /** The connection is gone, or of no use. */
  lost(cause: RecoveryCause): void {
    if (this.#state === 'stopped' || this.#state === 'waiting') return
    if (this.#state === 'connected') this.#settleTries()
    this.#state = 'waiting'
    this.#lostAt ??= this.#options.now()
    this.#options.drop()
    this.#again(cause)
  }

  /** The other side has begun a new connection. */
  offered(relayed: boolean): void {
    if (this.#state === 'stopped') return
    this.#lostAt ??= this.#options.now()
    this.#step = relayed ? 'relay' : 'rebuild'
    this.#tell('asked', this.#step, ++this.#offers)
    this.#await()
  }

  /** Whether the other side's wish for a new connection is one to follow: none is under way. */
  get isWaiting(): boolean {
    return this.#state === 'waiting'
  }

  get isConnected(): boolean {
    return this.#state === 'connected'
  }

  /** What is lost meanwhile is left alone: nobody could be told. */
  pause(): void {
    this.#paused = true
  }

  /** Goes on; what was lost meanwhile is made again. */
  resume(): void {
    this.#paused = false
    if (this.#state === 'restarting') this.#options.restart()
    if (this.#state !== 'waiting') return
    this.#tries = 0
    this.#again('moved')
  }

  /** Whatever was in the way seems to be gone: there is no need to wait any longer. */
  hurry(): void {
    if (this.#state !== 'waiting') return
    this.#tries = 0
    this.#again(this.#cause)
  }

  /** Nothing is done for so many seconds. */
  hold(seconds: number): void {
    this.#holdUntil = this.#options.now() + seconds
    if (this.#state === 'waiting') this.#again('interrupted')
    else this.lost('interrupted')
  }

  stop(): void {
    this.#state = 'stopped'
    this.#cancel()
  }

  #again(cause: RecoveryCause): void {
    const { now, random } = this.#options
    this.#cause = cause
    this.#cancel()
    if (this.#paused) {
      this.#tellNext(cause, Number.POSITIVE_INFINITY)
      return
    }
    const most = Math.min(MOST_DELAY, LEAST_DELAY * 2 ** this.#tries)
    const delay = Math.max(most * (0.5 + random() / 2), this.#holdUntil - now())
    const isLong = delay > LONG_DELAY
    if (isLong) this.#tellNext(cause, delay)
    this.#wait(delay, () => this.#rebuild(isLong ? undefined : cause))
  }

  /** @param cause where it has not been told yet */
  #rebuild(cause: RecoveryCause | undefined): void {
    if (cause !== undefined) this.#tellNext(cause, 0)
    const relayed = this.#isNextRelayed
    this.#step = relayed ? 'relay' : 'rebuild'
    this.#tries++
    this.#await()
    this.#options.rebuild(relayed)
  }

  /** The first new connection goes over TURN: whatever else there was has just failed. */
  get #isNextRelayed(): boolean {
    return this.#options.hasRelay && this.#tries % 2 === 0
  }

  #tellNext(cause: RecoveryCause, delay: number): void {
    this.#tell(cause, this.#isNextRelayed ? 'relay' : 'rebuild', this.#tries + 1, delay)
  }

  #await(): void {
    this.#state = 'connecting'
    this.#wait(this.#options.drives ? CONNECT_TIMEOUT : ASK_TIMEOUT, () => this.lost('timeout'))
  }

  #well(): void {
    this.#cancel()
    this.#state = 'connected'
    this.#connectedAt = this.#options.now()
    const lostAt = this.#lostAt
    this.#lostAt = undefined
    if (lostAt !== undefined) this.#options.recovered({ seconds: this.#options.now() - lostAt, step: this.#step })
  }

  /** Whoever closes what has just opened waits longer each time. */
  #settleTries(): void {
    if (this.#options.now() - this.#connectedAt < STABLE) return
    this.#tries = 0
    this.#restarts = 0
    this.#offers = 0
  }

  #tell(cause: RecoveryCause, step: RecoveryStep, attempt: number, delay = 0): void {
    this.#options.recovering({ cause, step, attempt, delay })
  }

  #wait(seconds: number, callback: () => void): void {
    this.#cancel()
    this.#cancel = this.#options.after(seconds, callback)
  }
}
