import { type RoomInfo, SignalError } from '../../protocol/mod.ts'
import { PeerError, type Timing, waitBefore } from '../shared/mod.ts'

/** What may be over by the next attempt: a room that somebody else is about to make, a place that is still taken. */
const PASSING: ReadonlySet<string> = new Set(['room-not-found', 'room-full', 'rate-limited', 'server-full', 'timeout'])

export interface RejoinOptions {
  timing: Timing
  /** Asks for the room by its uuid. */
  byUuid(): Promise<RoomInfo>
  /** Asks for it by its name, as it was asked for at first. */
  byName(): Promise<RoomInfo>
  /** Calls back once, when a room of that name was made; what it returns forgets it. */
  added(callback: () => void): () => void
  /** Nobody waits any more. */
  signal: AbortSignal
}

/**
 * Enters a room again that a session from scratch is not in. After a restart of the server the room has another uuid,
 * and others may be the ones to make it, so it is asked for again and again for a while.
 *
 * @throws what the last refusal was; the signal's reason
 */
export async function rejoin(options: RejoinOptions): Promise<RoomInfo> {
  const { timing, signal } = options
  const end = timing.now() + timing.rejoin
  for (let attempt = 0; ; attempt++) {
    try {
      return await options.byUuid().catch((error) => {
        if (error.code !== 'room-not-found' || signal.aborted) throw error
        return options.byName()
      })
    } catch (error) {
      signal.throwIfAborted()
      const left = end - timing.now()
      if (!isPassing(error) || left <= 0) throw error
      await pause(Math.min(left, waitBefore(attempt, timing)), options)
    }
  }
}

const isPassing = (error: unknown): boolean =>
  (error instanceof SignalError || error instanceof PeerError) && PASSING.has(error.code)

/** So many ms, or until the room is made. */
function pause(ms: number, { timing, added, signal }: RejoinOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel()
      forget()
      signal.removeEventListener('abort', abort)
    }
    const abort = () => {
      stop()
      reject(signal.reason)
    }
    const go = () => {
      stop()
      resolve()
    }
    const cancel = timing.after(ms, go)
    const forget = added(go)
    signal.addEventListener('abort', abort)
  })
}
