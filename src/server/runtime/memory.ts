import { totalmem } from 'node:os'
import { constrainedMemory } from 'node:process'
import { getHeapStatistics } from 'node:v8'

/** Returns the memory of the machine or of the container, in bytes, whichever is less. */
export function systemMemory(): number {
  // Where the container has no limit, runtimes return 0, or more than any machine has.
  return Math.min(totalmem(), constrainedMemory() || Number.POSITIVE_INFINITY)
}

/** Returns the memory that V8 permits for objects. Each message has some, although its bytes lie elsewhere. */
export const heapLimit = (): number => getHeapStatistics().heap_size_limit
