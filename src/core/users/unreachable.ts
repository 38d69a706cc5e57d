import { type Counts, count, type UserType } from '../shared/mod.ts'
import type { Sessions } from './sessions.ts'

export interface UserHost {
  users: ReadonlyMap<number, UserType>
  counts: Counts
  sessions: Sessions
  forget(user: UserType): void
}

/**
 * Removes a user whose transport accepted no message, after the current message has reached its other receivers. `full`
 * means that the transport's queue is at its limit. `failed` means that the transport threw; then a user with a session
 * can still resume.
 */
export function removeUnreachable(host: UserHost, user: UserType, result: 'full' | 'failed'): void {
  const { users, counts, sessions, forget } = host
  const { ws } = user
  queueMicrotask(() => {
    // Several messages may have failed in the meantime. Remove and count the user only once.
    if (users.get(user.uuid) !== user || user.ws !== ws) return
    if (result === 'full') {
      counts.slow++
      count(counts.limited, 'queuedBytes')
      forget(user)
      return ws.close?.(1013, 'Too slow')
    }
    if (!sessions.lose(user)) {
      counts.failed++
      forget(user)
    }
    ws.close?.(1011, 'Cannot be sent to')
  })
}
