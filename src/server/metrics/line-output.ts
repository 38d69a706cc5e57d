import { runtime } from '../runtime/mod.ts'
import { within } from '../runtime/port.ts'

/** Most characters of lines that wait. Further lines are lost. */
const MOST_WAITING = 1_048_576

/** Pause before the next attempt if a non-blocking pipe is full, in milliseconds. */
const PAUSE = 50

/**
 * Writes lines one after the other. A pipe that nobody reads stalls these lines and nothing else. Lines are lost if too
 * many wait, or if writing fails, for example on a full disk. `console.error` can stall or end the program in these cases.
 */
export class LineOutput {
  /** Number of lines that were lost. */
  lost = 0
  readonly #write: (bytes: Uint8Array) => Promise<number>
  #lines: string[] = []
  #waiting = 0
  #writing: Promise<void> | undefined
  /** Whether the last line was written in part. */
  #torn = false

  /** @param write writes some of the bytes, outside the event loop, and returns how many */
  constructor(write: (bytes: Uint8Array) => Promise<number>) {
    this.#write = write
  }

  print(line: string): void {
    if (this.#waiting + line.length > MOST_WAITING) {
      this.lost++
      return
    }
    this.#lines.push(line)
    this.#waiting += line.length
    this.#writing ??= this.#drain()
  }

  /**
   * Waits until all lines are written, but at most `ms` milliseconds.
   *
   * @returns whether they are
   */
  async flush(ms: number): Promise<boolean> {
    return this.#writing === undefined || within(ms, this.#writing)
  }

  async #drain(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = new TextEncoder().encode(`${this.#lines.join('\n')}\n`)
      this.#lines = []
      this.#waiting = 0
      if (this.#torn) this.#torn = (await this.#writeAll(NEW_LINE)) === 0
      const rest = lines.subarray(await this.#writeAll(lines))
      if (rest.length < lines.length) this.#torn = rest.length > 0
      this.lost += rest.reduce((count, byte) => (byte === NEW_LINE[0] ? count + 1 : count), 0)
    }
    this.#writing = undefined
  }

  /** @returns the number of bytes written: less than all if writing failed */
  async #writeAll(bytes: Uint8Array): Promise<number> {
    for (let at = 0; at < bytes.length; ) {
      try {
        at += await this.#write(bytes.subarray(at))
      } catch (cause) {
        if (!isFull(cause)) return at
        await new Promise((resolve) => setTimeout(resolve, PAUSE))
      }
    }
    return bytes.length
  }
}

/** Whether a non-blocking pipe is full. */
const isFull = (cause: unknown): boolean => {
  const { code, name } = cause as { code?: unknown; name?: unknown }
  return code === 'EAGAIN' || name === 'WouldBlock'
}

const NEW_LINE = new TextEncoder().encode('\n')

export const standardError: LineOutput = new LineOutput((bytes) => runtime.writeError(bytes))
