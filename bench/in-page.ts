/** What runs inside the page: each function goes to the browser as its source, so it uses nothing around it. */

export interface Measured {
  /** Seconds from the first thing sent to the last received. */
  seconds: number
  /** Bytes of samples, or how many samples, that came. */
  received: number
}

interface Bench {
  /** Two RTCPeerConnections with one ordered, reliable channel between them: the limit. */
  pair(): Promise<{ send: RTCDataChannel; receive: RTCDataChannel; close(): void }>
  /** Two sessions in one room: one publishes, the other gets its streams. */
  // biome-ignore lint/suspicious/noExplicitAny: the companion comes by URL, without its types
  rooms(name: string): Promise<{ publisher: any; stream: Promise<any>; close(): void }>
}

declare global {
  var bench: Bench
}

/** Puts the two ways of joining two sides into the page. */
export function prepare(companion: string): void {
  const pair: Bench['pair'] = async () => {
    const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()]
    near.onicecandidate = ({ candidate }) => void far.addIceCandidate(candidate ?? undefined)
    far.onicecandidate = ({ candidate }) => void near.addIceCandidate(candidate ?? undefined)
    const send = near.createDataChannel('bench')
    const arrived = new Promise<RTCDataChannel>((resolve) => {
      far.ondatachannel = ({ channel }) => resolve(channel)
    })
    await near.setLocalDescription()
    await far.setRemoteDescription(near.localDescription as RTCSessionDescription)
    await far.setLocalDescription()
    await near.setRemoteDescription(far.localDescription as RTCSessionDescription)
    const receive = await arrived
    receive.binaryType = 'arraybuffer'
    send.bufferedAmountLowThreshold = 131_072
    if (send.readyState !== 'open') await new Promise((resolve) => send.addEventListener('open', resolve))
    const close = () => {
      near.close()
      far.close()
    }
    return { send, receive, close }
  }
  const rooms: Bench['rooms'] = async (name) => {
    const { connect } = await import(companion)
    const url = new URL('/signal', location.href)
    const [near, far] = [await connect(url), await connect(url)]
    const reader = await far.join(name, { create: true })
    const stream = new Promise((resolve) => {
      // biome-ignore lint/suspicious/noExplicitAny: as above
      reader.addEventListener('peer', ({ detail: peer }: any) => {
        // biome-ignore lint/suspicious/noExplicitAny: as above
        peer.addEventListener('stream', ({ detail }: any) => resolve(detail))
      })
    })
    const publisher = await near.join(name)
    const close = () => {
      near.close()
      far.close()
    }
    return { publisher, stream, close }
  }
  globalThis.bench = { pair, rooms }
}

/** So many messages of 16 KiB through a bare channel, as fast as it takes them. */
export async function bareBulk(messages: number): Promise<Measured> {
  const { send, receive, close } = await globalThis.bench.pair()
  const message = new Uint8Array(16_384)
  let received = 0
  const start = performance.now()
  const done = new Promise<void>((resolve) => {
    receive.addEventListener('message', ({ data }) => {
      received += (data as ArrayBuffer).byteLength
      if (received === messages * message.length) resolve()
    })
  })
  for (let i = 0; i < messages; i++) {
    send.send(message)
    if (send.bufferedAmount < 262_144) continue
    await new Promise((resolve) => send.addEventListener('bufferedamountlow', resolve, { once: true }))
  }
  await done
  const seconds = (performance.now() - start) / 1_000
  close()
  return { seconds, received }
}

/** One JSON string a sample through a bare channel, as pages before version 1 send them. */
export async function jsonSamples(samples: number): Promise<Measured> {
  const { send, receive, close } = await globalThis.bench.pair()
  let received = 0
  let sum = 0
  const start = performance.now()
  const done = new Promise<void>((resolve) => {
    receive.addEventListener('message', ({ data }) => {
      sum += JSON.parse(data as string).value
      if (++received === samples) resolve()
    })
  })
  for (let i = 0; i < samples; i++) {
    send.send(JSON.stringify({ value: i, timestamp: start + i }))
    if (send.bufferedAmount < 262_144) continue
    await new Promise((resolve) => send.addEventListener('bufferedamountlow', resolve, { once: true }))
  }
  await done
  const seconds = (performance.now() - start) / 1_000
  close()
  if (sum !== (samples * (samples - 1)) / 2) throw new Error('A contestant gave a wrong result')
  return { seconds, received }
}

/** Samples of a stream of ours, pushed in blocks as fast as it takes them; every value is checked. */
export async function ourSamples([format, channels, samples]: readonly [
  'float32' | 'int16',
  number,
  number,
]): Promise<Measured> {
  const { publisher, stream, close } = await globalThis.bench.rooms(`bulk ${channels} ${Math.random()}`)
  const description = Array.from({ length: channels }, (_, i) => ({ label: String(i), unit: 'µV', type: 'EEG' }))
  const publication = publisher.publish({ name: 'bulk', format, nominalRate: 1_000, channels: description })
  const reader = (await stream)[Symbol.asyncIterator]()
  const rows = 32_000 / channels
  const block = new (format === 'int16' ? Int16Array : Float32Array)(channels * rows)
  const start = performance.now()
  const done = (async () => {
    let received = 0
    while (received < samples) {
      const { value: chunk } = await reader.next()
      if (chunk.missed > 0) throw new Error(`${chunk.missed} samples were lost`)
      if (chunk.data[0] !== received % rows) throw new Error('A contestant gave a wrong result')
      received += chunk.data.length / channels
    }
    return received
  })()
  for (let i = 0; i < block.length; i++) block[i] = Math.floor(i / channels)
  for (let sent = 0; sent < samples; sent += rows) {
    publication.push(block)
    // A source lets the page breathe now and then.
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  const received = await done
  const seconds = (performance.now() - start) / 1_000
  close()
  return { seconds, received }
}

/** How long one sample takes, in ms, so many times, a few ms apart. */
export async function bareLatency(times: number): Promise<number[]> {
  const { send, receive, close } = await globalThis.bench.pair()
  const took: number[] = []
  const message = new Uint8Array(64)
  for (let i = 0; i < times; i++) {
    const arrived = new Promise((resolve) => receive.addEventListener('message', resolve, { once: true }))
    const start = performance.now()
    send.send(message)
    await arrived
    took.push(performance.now() - start)
    await new Promise((resolve) => setTimeout(resolve, 4))
  }
  close()
  return took
}

export async function ourLatency(times: number): Promise<number[]> {
  const { publisher, stream, close } = await globalThis.bench.rooms(`latency ${Math.random()}`)
  const publication = publisher.publish({ name: 'one', format: 'float32' })
  const reader = (await stream)[Symbol.asyncIterator]()
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    const arrived = reader.next()
    const start = performance.now()
    publication.push([i])
    const { value: chunk } = await arrived
    took.push(performance.now() - start)
    if (chunk.data[0] !== i) throw new Error('A contestant gave a wrong result')
    await new Promise((resolve) => setTimeout(resolve, 4))
  }
  close()
  return took
}

/** Bytes on the channel for so many chunks of 20 ms of 64 channels at 1,000 Hz, and those of the samples alone. */
export async function overhead(chunks: number): Promise<{ sent: number; raw: number }> {
  const { publisher, stream, close } = await globalThis.bench.rooms(`overhead ${Math.random()}`)
  const channels = Array.from({ length: 64 }, (_, i) => ({ label: String(i), unit: 'µV', type: 'EEG' }))
  const publication = publisher.publish({ name: 'EEG', format: 'float32', nominalRate: 1_000, channels })
  const reader = (await stream)[Symbol.asyncIterator]()
  const block = new Float32Array(64 * 20)
  for (let i = 0; i < chunks; i++) {
    publication.push(block)
    await reader.next()
  }
  const sent = publication.bytes
  close()
  return { sent, raw: chunks * block.byteLength }
}
