import { type Counts, count, type UserType } from '../shared/mod.ts'
import type { Sessions } from './sessions.ts'

export interface UserHost {
  users: ReadonlyMap<number, UserType>
  counts: Counts
  sessions: Sessions
  forget(user: UserType): void
}

/**
 * Removes a user whose transport took no message: `full` means that too much waits in it, `failed` that it threw. It waits
 * for the message at hand to reach the others first.
 */
export function removeUnreachable(host: UserHost, user: UserType, result: 'full' | 'failed'): void {
  const { users, counts, sessions, forget } = host
  const { ws } = user
  queueMicrotask(() => {
    // Several messages may have failed meanwhile; the user is removed, and counted, once.
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
