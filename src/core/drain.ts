import type { Clock, UserType } from './shared/mod.ts'

/** Between two looks at the time, in milliseconds. */
const STEP = 50
/** Few connections are not spread thinner than one in so many milliseconds. */
const LONGEST_PAUSE = 100

/**
 * Tells users one after the other, evenly over a while, to connect elsewhere: so that another server does not meet all of
 * them at once.
 *
 * @param duration milliseconds; less where there are few
 */
export async function drainUsers(users: readonly UserType[], duration: number, clock: Clock): Promise<void> {
  const over = Math.min(duration, users.length * LONGEST_PAUSE)
  const start = clock.now()
  let told = 0
  for (;;) {
    const passed = over === 0 ? 1 : (clock.now() - start) / over
    const due = Math.min(users.length, Math.ceil(passed * users.length))
    for (; told < due; told++) users[told]?.ws.close?.(1012, 'Server restarting')
    if (told >= users.length) return
    await new Promise<void>((resolve) => clock.setTimeout(resolve, STEP))
  }
}
