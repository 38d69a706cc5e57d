/** The used members of Node's `process`, which Bun and Deno have too. Browsers have no such object. */
interface Process {
  on(event: 'beforeExit' | 'exit', listener: (code: number) => void): unknown
  off(event: 'exit', listener: (code: number) => void): unknown
  exit(): never
}

let started = false

/**
 * Lets the program end by itself after it has used `@roamhq/wrtc`. Its runtime then finalizes all native objects, and a
 * connection of wrtc releases its channels after they are gone: a segmentation fault. `process.exit()` finalizes nothing.
 *
 * So this calls it when the program ends by itself, after all other `exit` listeners. After an uncaught error, the code is
 * another one: the runtime ends the program, because it has not printed the error yet.
 */
export function endSafely(): void {
  const { process } = globalThis as { process?: Process }
  if (started || process === undefined) return
  started = true
  let planned: number | undefined
  const exit = (code: number) => {
    if (code === planned) process.exit()
  }
  process.on('beforeExit', (code) => {
    planned = code
    process.off('exit', exit)
    process.on('exit', exit)
  })
}
