import { isObject } from '../../protocol/both-ends.ts'

/** Identifies one link of a pair, and orders them: by the server's number of the pair, then by attempt. */
export interface Position {
  number: number
  attempt: number
}

/** An offer may be at most this many attempts ahead of the newest link: offers in between may be lost. */
export const MAX_JUMP = 1_024

/** The position of a pair's newest link. Decides whether a signal is about that link, an older one or a newer one. */
export class LinkPosition {
  /** The server's number of the pair. A link that outlives a fresh start keeps the number that it opened with. */
  pair: number
  newest: Position

  constructor(pair: number) {
    this.pair = pair
    this.newest = { number: pair, attempt: 0 }
  }

  /** Whether a signal with this pair number is about one of these links. */
  accepts(number: unknown): boolean {
    return number === this.pair || number === this.newest.number
  }

  /** @returns undefined if the signal has no valid position */
  of(signal: unknown): Position | undefined {
    const { link = this.pair, attempt = 0 } = isObject(signal) ? signal : {}
    if (!this.accepts(link) || !Number.isSafeInteger(attempt) || (attempt as number) < 0) return undefined
    return { number: link as number, attempt: attempt as number }
  }

  /** @returns above 0 for a link newer than the newest one, below 0 for an older one */
  ahead({ number, attempt }: Position): number {
    return Math.sign(number - this.newest.number) || attempt - this.newest.attempt
  }

  /** Whether the other peer may offer this link. Limits how far attempts jump. */
  mayFollow(position: Position): boolean {
    const before = position.number === this.newest.number ? this.newest.attempt : 0
    return this.ahead(position) > 0 && position.attempt - before <= MAX_JUMP
  }

  /** Moves on to the next link that this side opens. */
  advance(): void {
    const { number, attempt } = this.newest
    this.newest = number === this.pair ? { number, attempt: attempt + 1 } : { number: this.pair, attempt: 0 }
  }
}
