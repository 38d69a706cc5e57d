import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { logs, pairIn } from '../fixture/in-page.ts'

t.setTimeout(600_000)
// The tests mostly wait, and each has its own room.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)

interface Track {
  values: unknown[]
  timestamps: number[]
  /** Number of channels in the track's stream, or in the last one of several. */
  together: number
  unit: string
}

declare global {
  var collected: Record<string, Track>
}

/** Connects two peers in a room. Bob keeps the samples of all streams by contentHint. */
async function pair(t: Test, room: string) {
  const { ada, bob } = await pairIn(t, [browser, browser], server.url, room)
  await bob.page.evaluate(() => {
    globalThis.collected = {}
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    const listen = (track: any) => {
      const { channels } = track.description
      const kept = collected[track.contentHint] ?? { values: [], timestamps: [], together: 0, unit: '' }
      collected[track.contentHint] = Object.assign(kept, { together: channels.length, unit: channels[0].unit })
      track.subscribe((values: unknown[], timestamps: number[]) => {
        for (const [i, value] of values.entries()) {
          // NaN only means that no value came.
          if (Number.isNaN(value)) continue
          kept.values.push(value)
          kept.timestamps.push(timestamps[i] as number)
        }
      })
    }
    const [peer] = [...here.room.peers.values()]
    // biome-ignore lint/suspicious/noExplicitAny: as above
    peer.addEventListener('stream', ({ detail: stream }: any) => {
      for (const track of stream.getDataTracks()) listen(track)
      // biome-ignore lint/suspicious/noExplicitAny: as above
      stream.addEventListener('addtrack', ({ track }: any) => listen(track))
    })
  })
  return { ada, bob }
}

async function collects(page: Page, hint: string, samples: number): Promise<Track> {
  await page.waitForFunction(
    ([hint, samples]) => (collected[hint as string]?.values.length ?? 0) >= (samples as number),
    [hint, samples] as const,
  )
  return page.evaluate((hint) => collected[hint] as Track, hint)
}

const ramp = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

t.test('every sample of a datastreams-api device arrives', async (t) => {
  const { ada, bob } = await pair(t, 'devices')
  await ada.page.evaluate(async () => {
    /** Starts a device of the package's own class. It creates each track when the track's first value comes. */
    const start = async (label: string, options: object) => {
      const device = await new here.api.DataDevices().getUserDevice({
        label,
        kind: label,
        device: class {
          connect() {}
          disconnect() {}
        },
        ondata: (data: unknown) => data,
      })
      here.room.publish(device.stream, { name: label, ...options })
      return device
    }
    const task = () => new Promise((resolve) => setTimeout(resolve, 0))
    const ramp = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
    const named = (prefix: string, count: number, value: (c: number) => unknown) =>
      Object.fromEntries(ramp(0, count).map((c) => [`${prefix}${c}`, value(c)]))

    const muse = await start('Muse', { nominalRate: 256, unit: 'µV' })
    const ganglion = await start('Ganglion', { nominalRate: 200 })
    const cyton = await start('Cyton', { nominalRate: 250 })
    const hegduino = await start('HEGduino', {})
    const polar = await start('Polar', {})
    const blueberry = await start('Blueberry', {})
    const teensy = await start('Teensy', { format: 'int24', nominalRate: 512 })
    const socket = await start('WebSocket', {})
    for (let i = 0; i < 8; i++) {
      for (let electrode = 0; electrode < 4; electrode++) {
        const sparse: unknown[] = []
        sparse[electrode] = ramp(i * 12, 12)
        muse.ondata(sparse, [i * 46.875])
        await task()
      }
      ganglion.ondata(
        named('g', 4, (c) => [i * 2 + c, i * 2 + 1 + c]),
        [i * 10],
      )
      for (let row = 0; row < 3; row++) {
        cyton.ondata(
          named('c', 8, (c) => (i * 3 + row) * 8 + c),
          [i * 12],
        )
      }
      hegduino.ondata({ line: `${i}|${i * 2}\n`, red: i }, [i * 25])
      polar.ondata(i % 3 === 0 ? { hr: i } : { hr: i, rr: [800 + i, 810 + i] }, [i * 1_000])
      blueberry.ondata({ '740nm': i, '850nm': -i })
      for (let row = 0; row < 16; row++) {
        teensy.ondata(
          named('t', 32, (c) => (i * 16 + row) * 1_000 - c),
          [i * 31],
        )
      }
      socket.ondata(i % 2 === 0 ? { even: i, all: i } : { all: i }, [i * 40])
      await task()
    }
  })
  for (const electrode of ramp(0, 4)) {
    const { values, timestamps, unit } = await collects(bob.page, String(electrode), 96)
    t.strictSame(values, ramp(0, 96))
    t.strictSame(
      timestamps,
      values.map((_, i) => Math.floor(i / 12) * 46.875),
    )
    t.equal(unit, 'µV')
  }
  const ganglion = await collects(bob.page, 'g3', 16)
  t.match(ganglion, { values: ramp(3, 16), together: 4 })
  t.strictSame(
    ganglion.timestamps,
    ramp(0, 16).map((i) => Math.floor(i / 2) * 10),
  )
  const cyton = await collects(bob.page, 'c7', 24)
  t.equal(cyton.together, 8)
  t.strictSame(
    cyton.values,
    ramp(0, 24).map((i) => i * 8 + 7),
  )
  t.strictSame(
    (await collects(bob.page, 'line', 8)).values,
    ramp(0, 8).map((i) => `${i}|${i * 2}\n`),
  )
  t.strictSame((await collects(bob.page, 'red', 8)).values, ramp(0, 8))
  t.strictSame((await collects(bob.page, 'hr', 8)).values, ramp(0, 8))
  t.strictSame(
    (await collects(bob.page, 'rr', 10)).values,
    [1, 2, 4, 5, 7].flatMap((i) => [800 + i, 810 + i]),
  )
  t.match(await collects(bob.page, '740nm', 8), { values: ramp(0, 8), together: 2 })
  const teensy = await collects(bob.page, 't31', 128)
  t.equal(teensy.together, 32)
  t.strictSame(
    teensy.values,
    ramp(0, 128).map((i) => i * 1_000 - 31),
  )
  t.strictSame((await collects(bob.page, 'all', 8)).values, ramp(0, 8))
  t.strictSame((await collects(bob.page, 'even', 4)).values, [0, 2, 4, 6])
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.test('a device that disconnects removes its tracks, and its last samples still arrive', async (t) => {
  const { ada, bob } = await pair(t, 'disconnect')
  await ada.page.evaluate(async () => {
    const device = await new here.api.DataDevices().getUserDevice({
      label: 'Cap',
      device: class {
        connect() {}
        disconnect() {}
      },
    })
    here.room.publish(device.stream, { name: 'Cap' })
    for (let i = 0; i < 5; i++) {
      device.ondata({ left: i, right: -i }, [i])
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
    device.ondata({ left: 5, right: -5 }, [5])
    await device.disconnect()
  })
  t.strictSame((await collects(bob.page, 'right', 6)).values.length, 6)
  await logs(bob.page, 'removetrack Cap', 2)
  t.equal(await bob.page.evaluate(() => [...[...here.room.peers.values()][0].streams.values()][0].tracks.size), 0)
  t.strictSame(
    await bob.page.evaluate(() => here.log.filter((line) => line.startsWith('removetrack')).length),
    2,
    'one removetrack event for each track',
  )
})

t.test('a ReadableStream and an async iterable can be published, and describe() renames channels', async (t) => {
  const { ada, bob } = await pair(t, 'pulled')
  await ada.page.evaluate(async () => {
    const channels = ['x', 'y'].map((label) => ({ label, unit: 'g', type: 'ACC' }))
    async function* generate() {
      yield [1, 2]
      yield { data: Float64Array.of(3, 4, 5, 6), timestamps: [10, 20] }
      await new Promise(() => {})
    }
    const motion = here.room.publish(generate(), { name: 'Motion', channels })
    // Tracks of the package also have a ReadableStream.
    const track = new here.api.DataStreamTrack({ id: 'd', constraints: {} }, undefined, 'r')
    here.room.publish(track.readable, { name: 'Readable', channels: [{ label: 'r', unit: 'V', type: '' }] })
    track.addData([7, 8])
    Object.assign(globalThis, { motion })
  })
  const { values, timestamps, together } = await collects(bob.page, 'y', 3)
  t.strictSame([values, timestamps.slice(1), together], [[2, 4, 6], [10, 20], 2])
  t.strictSame((await collects(bob.page, '', 2)).values, [7, 8])
  // biome-ignore lint/suspicious/noExplicitAny: set in the page above
  await ada.page.evaluate(() => (globalThis as any).motion.describe({ labels: ['left', 'right'], unit: 'm/s²' }))
  await bob.page.waitForFunction(() => {
    const streams = [...[...here.room.peers.values()][0].streams.values()]
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    const hints = streams.flatMap((stream: any) => stream.getDataTracks().map((track: any) => track.contentHint))
    return hints.includes('left') && hints.includes('right')
  })
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.end()
