import { StreamError } from '../shared/mod.ts'
import type { Source } from './source.ts'

/**
 * One item of a ReadableStream or an async iterable:
 *
 * - a number, a string or a bigint;
 * - an array or a typed array of them: one sample of all channels, or several samples in a row;
 * - any of these with timestamps in seconds.
 */
export type Pulled =
  | number
  | bigint
  | string
  | ArrayLike<unknown>
  | { data: number | bigint | string | ArrayLike<unknown>; timestamps?: ArrayLike<number> | number }

/** Longest time that available samples may block other tasks, in ms: half a frame. */
const TURN = 8

export const isPullable = (value: unknown): value is ReadableStream<Pulled> | AsyncIterable<Pulled> => {
  if (typeof value !== 'object' || value === null) return false
  return Symbol.asyncIterator in value || ('getReader' in value && typeof value.getReader === 'function')
}

/**
 * Creates a source that requests the next values only while the buffer has room.
 *
 * @throws StreamError `bad-source` for a ReadableStream that already has a reader
 */
export function pulledSource(values: ReadableStream<Pulled> | AsyncIterable<Pulled>): Source {
  const iterator = iteratorOf(values)
  return (sink) => {
    const track = {}
    let active = true
    sink.addTrack(track, { timeUnit: 's' })

    const pull = async () => {
      let turn = performance.now()
      while (active) {
        while (active && sink.full) await sink.drained()
        if (!active) return
        const { done, value } = await iterator.next()
        // The source was stopped meanwhile: ignore the value.
        if (!active) return
        if (done) {
          sink.end()
          return
        }
        const { data, timestamps } = partsOf(value)
        sink.push(track, data, timestamps)
        if (performance.now() - turn < TURN) continue
        await new Promise((resolve) => setTimeout(resolve, 0))
        turn = performance.now()
      }
    }
    pull().catch((error) => sink.end(error))
    return () => {
      active = false
      iterator.return?.()?.catch((error) => sink.end(error))
    }
  }
}

function iteratorOf(values: ReadableStream<Pulled> | AsyncIterable<Pulled>): AsyncIterator<Pulled, unknown> {
  // Not every browser can iterate over a ReadableStream.
  if (!('getReader' in values)) return values[Symbol.asyncIterator]()
  if (values.locked) throw new StreamError('bad-source', 'Cannot publish a ReadableStream that somebody else reads')
  const reader = values.getReader()
  return {
    next: () => reader.read() as Promise<IteratorResult<Pulled, unknown>>,
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}

function partsOf(value: Pulled): { data: ArrayLike<unknown>; timestamps?: ArrayLike<number> | number | undefined } {
  if (typeof value !== 'object' || value === null || !('data' in value)) return { data: listOf(value) }
  return { data: listOf(value.data), timestamps: value.timestamps }
}

const listOf = (value: unknown): ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
    ? (value as unknown as ArrayLike<unknown>)
    : [value]
