import fc from 'fast-check'
import t from 'tap'
import { alignStamps, parseXdf, Recorder, XdfError, type XdfFile } from '../../../src/streams/mod.ts'
import { type ArbitraryStream, arbitraryStream } from '../fixture/arbitrary-streams.ts'
import { sink } from '../fixture/sink.ts'

const RUNS = Number(process.env.XDF_RUNS ?? 300)

/** Damage to a file: bytes that are removed at a place, and bytes that are inserted there. */
const harm = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 300 })),
  put: fc.uint8Array({ maxLength: 20 }),
})

t.test('a damaged file is read or rejected with its place, and the parts that are read fit together', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryStream, { minLength: 1, maxLength: 3 }),
      fc.array(harm, { minLength: 1, maxLength: 3 }),
      async (streams, harms) => {
        const file = read(harms.reduce(damage, await write(streams)))
        for (const stream of file.streams.values()) {
          const { data, timestamps, description, clockOffsets } = stream
          if (data.length !== timestamps.length * description.channels.length) throw new Error('values are missing')
          if (clockOffsets.some(({ sample }) => sample > timestamps.length)) throw new Error('an offset is nowhere')
          if (alignStamps(stream).length !== timestamps.length) throw new Error('stamps are missing')
        }
      },
    ),
    { numRuns: RUNS },
  )
  t.pass(`${RUNS} files were checked`)
})

t.test('any bytes cause at most an XdfError, and take little time', async (t) => {
  const begin = [...new TextEncoder().encode('XDF:')]
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, begun) => {
      read(Uint8Array.from(begun ? [...begin, ...bytes] : bytes))
    }),
    { numRuns: RUNS * 5 },
  )
  // Each byte might begin a chunk. The reader must not search the whole rest for each of them.
  const started = performance.now()
  for (const byte of [1, 2, 4, 8, 0x43]) read(Uint8Array.from([...begin, ...new Uint8Array(2_000_000).fill(byte)]))
  const took = performance.now() - started
  t.ok(took < 60_000, `10 MB of invalid data were read in ${took.toFixed()} ms`)
})

function read(bytes: Uint8Array): XdfFile {
  try {
    return parseXdf(bytes)
  } catch (error) {
    if (error instanceof XdfError && error.offset !== undefined && error.offset <= bytes.length) return error.partial
    throw error
  }
}

function damage(bytes: Uint8Array, { at, cut, put }: { at: number; cut: number; put: Uint8Array }): Uint8Array {
  const from = Math.floor(at * bytes.length)
  return Uint8Array.from([...bytes.subarray(0, from), ...put, ...bytes.subarray(from + cut)])
}

async function write(streams: readonly ArbitraryStream[]): Promise<Uint8Array> {
  const { writable, bytes } = sink()
  let now = 0
  const recorder = new Recorder(writable, () => (now += 6))
  for (const { description, chunks } of streams) {
    const stream = await recorder.addStream(description)
    for (const [i, chunk] of chunks.entries()) {
      await stream.clockOffset({ time: i * 5, offset: i % 2 === 0 ? 100 : -1 })
      await stream.write(chunk)
    }
  }
  await recorder.close()
  return bytes()
}
