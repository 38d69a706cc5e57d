import t from 'tap'
import { alignStamps, parseXdf, type XdfStream } from '../../../src/streams/mod.ts'
import { serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { logs, pairIn } from '../fixture/in-page.ts'

t.setTimeout(600_000)
const { server, browser } = await serverAndBrowser(t)

const SAMPLES = 1_000

t.test('a page records every sample that another page publishes to a WritableStream', async (t) => {
  const { ada, bob } = await pairIn(t, [browser, browser], server.url, 'recorded', { records: true })
  const recorded = bob.page.evaluate(async (samples) => {
    const pieces: number[][] = []
    const destination = new WritableStream({ write: (bytes) => void pieces.push([...bytes]) })
    const [peer] = [...here.room.peers.values()]
    while (peer.clock.errorBound === Number.POSITIVE_INFINITY) await new Promise((resolve) => setTimeout(resolve, 20))
    const recording = here.room.record(destination)
    here.log.push('recording')
    // The clock estimate changes all the time, but its error never exceeds its bound. Keep the largest bound.
    let worst = 0
    while (recording.stats().samples < 2 * samples) {
      worst = Math.max(worst, peer.clock.errorBound)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await recording.stop()
    worst = Math.max(worst, peer.clock.errorBound)
    return { bytes: pieces.flat(), stats: recording.stats(), offset: peer.clock.offset, worst }
  }, SAMPLES)
  await logs(bob.page, 'recording')
  const first = Date.now() / 1000
  await ada.page.evaluate(
    async ([samples, first]) => {
      const channels = ['Fp1', 'Fp2'].map((label) => ({ label, unit: 'µV', type: 'EEG' }))
      const timing = { nominalRate: 250, timeUnit: 's' }
      const eeg = here.room.publish({
        name: 'EEG',
        type: 'EEG',
        format: 'float32',
        sourceId: 'amp',
        channels,
        ...timing,
      })
      const counter = here.room.publish({ name: 'Counter', format: 'int64', timeUnit: 's' })
      for (let i = 0; i < samples; i += 20) {
        const rows = Array.from({ length: 20 }, (_, at) => i + at)
        eeg.push(
          Float32Array.from(rows.flatMap((row) => [row / 3, -row])),
          rows.map((row) => first + row / 250),
        )
        counter.push(
          BigInt64Array.from(rows, (row) => 2n ** 62n + BigInt(row)),
          rows.map((row) => row / 7),
        )
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    },
    [SAMPLES, first] as const,
  )
  const { bytes, stats, offset, worst } = await recorded
  t.match(stats, { streams: 2, samples: 2 * SAMPLES, missed: 0, bytes: bytes.length })
  const [eeg, counter] = [...parseXdf(Uint8Array.from(bytes)).streams.values()] as [XdfStream, XdfStream]
  const rows = Array.from({ length: SAMPLES }, (_, row) => row)
  t.strictSame(eeg.data, Float32Array.from(rows.flatMap((row) => [row / 3, -row])))
  t.strictSame(
    eeg.timestamps,
    Float64Array.from(rows, (row) => first + row / 250),
  )
  t.strictSame(
    counter.data,
    BigInt64Array.from(rows, (row) => 2n ** 62n + BigInt(row)),
  )
  t.strictSame(
    counter.timestamps,
    Float64Array.from(rows, (row) => row / 7),
  )
  t.match(eeg.description, {
    name: 'EEG',
    sourceId: 'amp',
    nominalRate: 250,
    channels: [{ unit: 'µV' }, { label: 'Fp2' }],
  })
  t.match(eeg.origin, { hostname: 'Ada', sessionId: 'recorded' })
  t.ok(eeg.clockOffsets.length >= 2)
  const aligned = alignStamps(eeg)[0] as number
  const error = Math.abs(aligned - first + offset)
  t.ok(error <= 2 * worst + 1e-6, `${error} s from the recorder’s time, with a clock error bound of ${worst} s`)
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})
