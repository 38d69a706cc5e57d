import { type Clock, instant, type UserType } from './shared/mod.ts'

/** Interval between two rounds of closing, in milliseconds. */
const STEP = 50
/** Longest average pause between two closes, in milliseconds. It keeps the drain of a few connections short. */
const LONGEST_PAUSE = 100

/**
 * Closes the users' connections with 1012, spread evenly over a duration. Clients then reconnect to another server one
 * after the other, not all at once.
 *
 * @param duration milliseconds; less if there are few users
 */
export async function drainUsers(users: readonly UserType[], duration: number, clock: Clock): Promise<void> {
  const over = Math.min(duration, users.length * LONGEST_PAUSE)
  const start = instant(clock)
  let told = 0
  for (;;) {
    const passed = over === 0 ? 1 : (instant(clock) - start) / over
    const due = Math.min(users.length, Math.ceil(passed * users.length))
    for (; told < due; told++) users[told]?.ws.close?.(1012, 'Server restarting')
    if (told >= users.length) return
    await new Promise<void>((resolve) => clock.setTimeout(resolve, STEP))
  }
}
