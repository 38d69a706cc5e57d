/**
 * What binary signaling costs beside JSON, in one run: a chunk of samples, an SDP offer, and a server's relay step.
 * Run it with `npm run bench`, `bun bench/codec.ts` or `deno run -A bench/codec.ts`.
 */
import { decode, encode } from '@msgpack/msgpack'
import { bench, group, run } from 'mitata'
import { decodeFrame, encodeFrame, encodeRelay, encodeValue, Op, readRelay, writePeer } from '../src/protocol/mod.ts'

const sdp = Array.from(
  { length: 20 },
  (_, i) => `a=candidate:${i} 1 udp 2122260223 192.0.2.${i} ${5000 + i} typ host`,
).join('\r\n')
const offer = { type: 'offer', sdp, link: 1 }
const samples = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i) * 100)
const bytes = new Uint8Array(samples.buffer)
const numbers = Array.from(samples)

const same = (one: unknown, other: unknown): void => {
  if (JSON.stringify(one) !== JSON.stringify(other)) throw new Error('A contestant gave a wrong result')
}

group('a chunk of 256 float32 samples, there and back', () => {
  const binary = () => new Float32Array((decodeFrame(encodeFrame([Op.data, 1, bytes]))[2] as Uint8Array).slice().buffer)
  const json = () => JSON.parse(JSON.stringify([5, 1, numbers]))[2]
  same(Array.from(binary()), json())
  bench('JSON', json)
  bench('msgpack, as numbers', () => decode(encode([5, 1, numbers])))
  bench('a frame with one bin', binary).baseline()
})

group('an SDP offer of 1.2 kB, there and back', () => {
  const binary = () => decodeFrame(encodeFrame([Op.offer, 1, offer]))
  const json = () => JSON.parse(JSON.stringify([1, 1, offer]))
  same(binary(), json())
  bench('JSON', json)
  bench('a frame', binary).baseline()
})

group("a server's relay step for that offer", () => {
  const frame = encodeRelay(Op.offer, 42, encodeValue(offer))
  const swap = () => {
    readRelay(frame)
    writePeer(frame, 42)
    return frame
  }
  const whole = () => {
    const [op, , body] = decodeFrame(frame)
    return encodeFrame([op, 42, body] as Parameters<typeof encodeFrame>[0])
  }
  const text = JSON.stringify([1, 42, offer])
  same(Array.from(swap()), Array.from(whole()))
  bench('parse and stringify', () => JSON.stringify(JSON.parse(text).with(1, 42)))
  bench('decode and encode', whole)
  bench('swap eight bytes', swap).baseline()
})

await run()
