import { type RoomInfo, SignalError } from '../../protocol/both-ends.ts'
import { PeerError, type Timing, waitBefore } from '../shared/mod.ts'

/**
 * Codes and reasons of errors that the next attempt may not receive. Another user may be about to create the room, or
 * may leave a place in it. The user of this session before its fresh start may still own the room.
 */
const TEMPORARY: ReadonlySet<string> = new Set([
  'room-not-found',
  'room-full',
  'restrictions-differ',
  'rate-limited',
  'server-full',
  'timeout',
])

export interface RejoinOptions {
  timing: Timing
  /** Joins the room by its uuid. */
  byUuid(): Promise<RoomInfo>
  /** Joins the room by its name, with the options of the first join. */
  byName(): Promise<RoomInfo>
  /** Calls back whenever a room of that name is created. Returns a function that removes the callback. */
  added(callback: () => void): () => void
  /** Aborts the rejoin. */
  signal: AbortSignal
}

/**
 * Joins a room again after a fresh start of the session. After a restart of the server the room has another uuid, and
 * another user may have to create it first. The function therefore retries for 30 s by default.
 *
 * @throws the error of the last attempt; the signal's reason
 */
export async function rejoin(options: RejoinOptions): Promise<RoomInfo> {
  const { timing, signal, added } = options
  const end = timing.now() + timing.rejoin
  let wake = () => {}
  let forget: (() => void) | undefined
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        return await options.byUuid().catch((error) => {
          if (error.code !== 'room-not-found' || signal.aborted) throw error
          return options.byName()
        })
      } catch (error) {
        signal.throwIfAborted()
        const left = end - timing.now()
        if (!isTemporary(error) || left <= 0) throw error
        const wait = Math.max((error as SignalError).retryAfter ?? 0, waitBefore(attempt, timing))
        forget ??= added(() => wake())
        await pause(Math.min(left, wait), options, (go) => {
          wake = go
        })
      }
    }
  } finally {
    forget?.()
  }
}

function isTemporary(error: unknown): boolean {
  if (error instanceof SignalError) return TEMPORARY.has(error.code) || TEMPORARY.has(error.reason)
  return error instanceof PeerError && TEMPORARY.has(error.code)
}

/** Waits for so many milliseconds, or until the function that `wakes` receives is called. */
function pause(ms: number, { timing, signal }: RejoinOptions, wakes: (go: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel()
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
    wakes(go)
    signal.addEventListener('abort', abort)
  })
}
