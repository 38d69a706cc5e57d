import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { parseXdf, Recorder, type Samples, XdfReader } from '../../../src/streams/mod.ts'
import { type ArbitraryStream, arbitraryStream } from '../fixture/arbitrary-streams.ts'
import { sink } from '../fixture/sink.ts'

const RUNS = Number(process.env.XDF_RUNS ?? 300)

t.test('random streams are read back exactly, however the file is cut into pieces', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryStream, { maxLength: 4 }),
      fc.integer({ min: 1, max: 5_000 }),
      async (streams, piece) => {
        const bytes = await write(streams)
        const file = parseXdf(bytes)
        const back = [...file.streams.values()]
        deepStrictEqual(
          back.map(({ description }) => description),
          streams.map(({ description }) => description),
        )
        for (const [i, { data, timestamps, footer }] of back.entries()) {
          const { chunks } = streams[i] as ArbitraryStream
          same(
            data,
            chunks.flatMap((chunk) => [...chunk.data]),
          )
          same(
            timestamps,
            chunks.flatMap((chunk) => [...chunk.timestamps]),
          )
          if (footer?.sampleCount !== timestamps.length) throw new Error(`the footer counts ${footer?.sampleCount}`)
        }
        const reader = new XdfReader()
        const parts: unknown[] = []
        for (let at = 0; at < bytes.length; at += piece) parts.push(...reader.push(bytes.subarray(at, at + piece)))
        parts.push(...reader.end())
        const whole = new XdfReader()
        deepStrictEqual(parts, [...whole.push(bytes), ...whole.end()])
      },
    ),
    { numRuns: RUNS },
  )
  t.pass(`${RUNS} files were checked`)
})

async function write(streams: readonly ArbitraryStream[]): Promise<Uint8Array> {
  const { writable, bytes } = sink()
  // Twelve seconds pass at each call, so that there are boundaries everywhere.
  let now = 0
  const recorder = new Recorder(writable, () => (now += 12))
  const begun = []
  for (const { description } of streams) begun.push(await recorder.addStream(description))
  for (let round = 0; round < 4; round++) {
    for (const [i, stream] of begun.entries()) {
      const chunk = streams[i]?.chunks[round]
      if (chunk !== undefined) await stream.write(chunk)
    }
  }
  await recorder.close()
  return bytes()
}

function same(got: Samples['data'] | Float64Array, wanted: unknown[]): void {
  const differ = wanted.findIndex((value, i) => !Object.is(value, got[i]))
  if (got.length !== wanted.length || differ >= 0) {
    throw new Error(
      `value ${differ} is ${got[differ]} and not ${wanted[differ]}, of ${got.length} and ${wanted.length}`,
    )
  }
}
