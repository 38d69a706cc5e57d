import t, { type Test } from 'tap'
import { serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { enter, hears, logs, pairIn, person } from '../fixture/in-page.ts'

t.setTimeout(600_000)
// The tests mostly wait, and each has its own room.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)

const pair = (t: Test, room: string) => pairIn(t, [browser, browser], server.url, room)

declare global {
  /** Publishes a camera. */
  var share: () => void
}

t.test('a real DataStream arrives bit for bit, including tracks added and removed later', async (t) => {
  const { ada, bob } = await pair(t, 'datastream')
  await ada.page.evaluate(() => {
    const { DataStream, DataStreamTrack } = here.api
    const device = { id: 'muse', constraints: { kind: 'eeg', label: 'Muse' } }
    const stream = new DataStream()
    const [left, right, late] = ['TP9', 'TP10', 'AF7'].map((hint) => new DataStreamTrack(device, undefined, hint))
    stream.addTrack(left)
    stream.addTrack(right)
    here.room.publish(stream, { name: 'EEG', unit: 'µV', nominalRate: 256 })
    left.addData([0.1, -0, Number.NaN, Number.MIN_VALUE, Number.MAX_VALUE], [1, 2.5, 2.5, 4, 5])
    right.addData([1, 2, 3], [7])
    stream.addTrack(late)
    late.addData([9], [10])
    setTimeout(() => stream.removeTrack(right), 0)
  })
  t.strictSame(await hears(bob.page, 'TP9', 5), {
    values: [0.1, -0, Number.NaN, Number.MIN_VALUE, Number.MAX_VALUE],
    timestamps: [1, 2.5, 2.5, 4, 5],
  })
  t.strictSame(await hears(bob.page, 'TP10', 3), { values: [1, 2, 3], timestamps: [7, 7, 7] })
  t.strictSame(await hears(bob.page, 'AF7', 1), { values: [9], timestamps: [10] })
  await logs(bob.page, 'removetrack Muse')
  const [track] = await bob.page.evaluate(() => {
    const [peer] = [...here.room.peers.values()]
    const [stream] = [...peer.streams.values()]
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    return stream.getDataTracks().map(({ kind, label, contentHint, description }: any) => {
      return { kind, label, contentHint, description }
    })
  })
  t.match(track, {
    kind: 'eeg',
    label: 'Muse',
    contentHint: 'TP9',
    description: {
      sourceId: 'muse',
      nominalRate: 256,
      format: 'float64',
      channels: [{ label: 'TP9', unit: 'µV', type: '' }],
    },
  })
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.test('strings, typed arrays, bigints and sparse arrays arrive unchanged', async (t) => {
  const { ada, bob } = await pair(t, 'formats')
  await ada.page.evaluate(() => {
    const { DataStream, DataStreamTrack } = here.api
    const stream = new DataStream()
    const track = (hint: string) => {
      const made = new DataStreamTrack({ id: 'serial', constraints: {} }, undefined, hint)
      stream.addTrack(made)
      return made
    }
    const [text, float, big, sparse] = [track('text'), track('float'), track('big'), track('sparse')]
    const publication = here.room.publish(stream)
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    publication.addEventListener('error', ({ detail }: any) => here.log.push(`refused ${detail.code}`))
    text.addData(['blink', 'Ünïcödé 🧠'], [1, 2])
    text.addData([5], [3])
    float.addData(Float32Array.of(0.1, 0.2), [4])
    big.addData([2n ** 60n, -1n], [5, 6])
    const holes: number[] = []
    holes[3] = 7
    sparse.addData(holes, [7, 8, 9, 10])
  })
  t.strictSame(await hears(bob.page, 'text', 2), { values: ['blink', 'Ünïcödé 🧠'], timestamps: [1, 2] })
  t.strictSame(await hears(bob.page, 'float', 2), {
    values: [Math.fround(0.1), Math.fround(0.2)],
    timestamps: [4, 4],
  })
  t.strictSame(await hears(bob.page, 'big', 2), { values: [`${2n ** 60n}n`, '-1n'], timestamps: [5, 6] })
  t.strictSame(await hears(bob.page, 'sparse', 1), { values: [7], timestamps: [10] })
  await logs(ada.page, 'refused bad-value')
})

t.test('a pushed stream can be read with for await, and ends after stop()', async (t) => {
  const { ada, bob } = await pair(t, 'push')
  await bob.page.evaluate(() => {
    const [peer] = [...here.room.peers.values()]
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    peer.addEventListener('stream', async ({ detail: stream }: any) => {
      for await (const { data, sourceTimestamps, first, samples, missed } of stream) {
        here.log.push(JSON.stringify([data.constructor.name, [...data], [...sourceTimestamps], first, samples, missed]))
      }
      here.log.push('read to its end')
    })
  })
  const counts = await ada.page.evaluate(async () => {
    const channels = ['x', 'y'].map((label) => ({ label, unit: 'g', type: 'ACC' }))
    const publication = here.room.publish({ name: 'Motion', format: 'int16', nominalRate: 100, channels })
    publication.push(Int16Array.of(1, 2, 3, 4), [10, 20])
    publication.push([5, 6], 30.5)
    publication.push([7, 70_000], 40)
    publication.stop()
    publication.push([7, 7], 50)
    const { samples, chunks, refused, dropped } = publication
    return { samples, chunks, refused, dropped }
  })
  await logs(bob.page, 'read to its end')
  await logs(bob.page, '["Int16Array",[1,2,3,4,5,6],[10,20,30.5],0,3,0]')
  t.strictSame(counts, { samples: 3, chunks: 1, refused: 1, dropped: 0 })
})

t.test('a late joiner receives every sample from its arrival on', async (t) => {
  const { ada, bob } = await pair(t, 'late')
  await ada.page.evaluate(() => {
    const publication = here.room.publish({ name: 'ramp', format: 'int32' })
    let next = 0
    setInterval(() => publication.push([next++], next), 5)
  })
  await hears(bob.page, 'ramp', 50)
  const eve = await person(t, browser, server.url, 'Eve')
  await enter(eve.page, 'late')
  const { values } = await hears(eve.page, 'ramp', 50)
  const first = values[0] as number
  t.ok(first >= 50, `the first sample is ${first}`)
  t.strictSame(
    values,
    values.map((_, i) => first + i),
  )
})

t.test('two million samples pushed at once are queued and arrive complete', async (t) => {
  const { ada, bob } = await pair(t, 'bulk')
  await bob.page.evaluate(() => {
    const [peer] = [...here.room.peers.values()]
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    peer.addEventListener('stream', async ({ detail: stream }: any) => {
      let samples = 0
      let right = true
      for await (const chunk of stream) {
        right &&= chunk.missed === 0 && chunk.data[0] === chunk.first && chunk.data.length === chunk.samples
        samples += chunk.samples
      }
      here.log.push(`${samples} samples, ${right ? 'right' : 'wrong'}`)
    })
  })
  await ada.page.evaluate(() => {
    const publication = here.room.publish({ name: 'bulk', format: 'float64' })
    for (let i = 0; i < 20; i++) {
      publication.push(
        Float64Array.from({ length: 100_000 }, (_, k) => i * 100_000 + k),
        Array.from({ length: 100_000 }, () => Math.random()),
      )
    }
    publication.stop()
  })
  await logs(bob.page, '2000000 samples, right')
})

t.test('video of a MediaStream and of a DataStream arrives in both directions', async (t) => {
  const { ada, bob } = await pair(t, 'media')
  const share = (page: typeof ada.page, asDataStream: boolean) =>
    page.evaluate(async (asDataStream) => {
      const canvas = document.createElement('canvas')
      const context = canvas.getContext('2d') as CanvasRenderingContext2D
      setInterval(() => {
        context.fillStyle = `rgb(${Math.random() * 255}, 0, 0)`
        context.fillRect(0, 0, 300, 150)
      }, 50)
      const media = canvas.captureStream(20)
      const publication = here.room.publish(asDataStream ? new here.api.DataStream(media) : media, { name: 'camera' })
      Object.assign(globalThis, { publication })
    }, asDataStream)
  // Wait inside the page: waitForFunction would take the promise of an async predicate for true.
  const seen = (page: typeof ada.page) =>
    page.evaluate(async () => {
      const [peer] = [...here.room.peers.values()]
      const find = () => [...peer.streams.values()][0]
      while ((find()?.getVideoTracks() ?? []).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
      const stream = find()
      const video = document.createElement('video')
      video.muted = true
      video.srcObject = stream.mediaStream
      await video.play()
      const first = stream.getTracks()[0] === stream.getVideoTracks()[0]
      return { first, data: stream.getDataTracks().length, width: video.videoWidth > 0 }
    })
  await share(ada.page, false)
  t.match(await seen(bob.page), { first: true, data: 0, width: true })
  await share(bob.page, true)
  t.match(await seen(ada.page), { first: true, data: 0, width: true })
  // biome-ignore lint/suspicious/noExplicitAny: set in the page above
  await ada.page.evaluate(() => (globalThis as any).publication.stop())
  await logs(bob.page, 'streamend camera')
  t.equal(await bob.page.evaluate(() => [...here.room.peers.values()][0].state), 'connected')
})

t.test('video arrives if it is published while an offer for the other peer’s video is made', async (t) => {
  const { ada, bob } = await pair(t, 'both')
  for (const { page } of [ada, bob]) {
    await page.evaluate(() => {
      globalThis.share = () => {
        const canvas = document.createElement('canvas')
        canvas.getContext('2d')
        here.room.publish(canvas.captureStream(5), { name: 'camera' })
        here.log.push('shared')
      }
    })
  }
  // Bob, the newcomer, makes the offers. simple-peer has an offer when it sets it.
  await bob.page.evaluate(() => {
    const connection = here.connections.at(-1) as RTCPeerConnection
    const set = connection.setLocalDescription.bind(connection)
    connection.setLocalDescription = async (description?: RTCLocalSessionDescriptionInit) => {
      if (description?.sdp?.includes('m=video') && !here.log.includes('shared')) globalThis.share()
      return set(description)
    }
  })
  await ada.page.evaluate(() => globalThis.share())
  await logs(bob.page, 'shared')
  for (const page of [ada.page, bob.page]) {
    await page.waitForFunction(() => {
      const [peer] = here.room.peers.values()
      // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
      return [...peer.streams.values()].some((stream: any) => stream.getVideoTracks().length === 1)
    })
  }
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.end()
