import t from 'tap'
import { MAX_DEPTH, MAX_FRAME_BYTES, readRelay } from '../../src/protocol/mod.ts'
import { concat, fromHex } from './fixture/bytes.ts'
import { codecs } from './fixture/codecs.ts'
import { reasonOf } from './fixture/refusal.ts'

const million = 1_000_000
const head = fromHex('93 11 01')
const repeat = (hex: string, times: number): Uint8Array<ArrayBuffer> => {
  const part = fromHex(hex)
  const bytes = new Uint8Array(part.length * times)
  for (let i = 0; i < times; i++) bytes.set(part, i * part.length)
  return bytes
}

for (const [end, codec] of codecs) {
  const { decodeFrame, decodeValue } = codec
  t.test(`the codec of ${end}`, async (t) => {
    t.test('every kind of nesting is too deep, up to a million levels', async (t) => {
      const kinds: [name: string, hex: string][] = [
        ['fixarray', '91'],
        ['fixmap, in its values', '81 a1 61'],
        ['fixmap, in its keys', '81'],
        ['array 16', 'dc 0001'],
        ['array 32', 'dd 00000001'],
        ['map 16', 'de 0001 01'],
        ['map 32', 'df 00000001 01'],
        ['arrays of two', '92 c0'],
      ]
      for (const [name, hex] of kinds) {
        const bytes = concat(head, [0x90])
        const nested = new Uint8Array([...head, ...repeat(hex, MAX_DEPTH * 2), ...bytes])
        t.equal(
          reasonOf(() => decodeFrame(nested)),
          'too-deep',
          `${name}, twice the greatest depth`,
        )
        const all = new Uint8Array(head.length + (million * fromHex(hex).length + 1))
        all.set(head)
        all.set(repeat(hex, million), head.length)
        all[all.length - 1] = 0xc0
        t.equal(
          reasonOf(() => decodeFrame(all, all.length)),
          'too-deep',
          `${name}, a million levels`,
        )
        t.equal(
          reasonOf(() => decodeFrame(all)),
          'frame-too-large',
          'the frame limit comes first',
        )
      }
    })

    t.test('the greatest depth is allowed, and one level more is not', async (t) => {
      const frame = (depth: number) => concat(head, repeat('91', depth), [0xc0])
      t.doesNotThrow(() => decodeFrame(frame(MAX_DEPTH)))
      t.equal(
        reasonOf(() => decodeFrame(frame(MAX_DEPTH + 1))),
        'too-deep',
      )
      t.doesNotThrow(() => decodeValue(concat(repeat('91', MAX_DEPTH), [0xc0])))
      t.equal(
        reasonOf(() => decodeValue(concat(repeat('91', MAX_DEPTH + 1), [0xc0]))),
        'too-deep',
      )
    })

    t.test('a frame of the largest size is read if it is not deep', async (t) => {
      const count = MAX_FRAME_BYTES - 8
      const bytes = concat(head, [0xdd, count >>> 24, (count >>> 16) & 255, (count >>> 8) & 255, count & 255])
      const whole = new Uint8Array(MAX_FRAME_BYTES).fill(0x90)
      whole.set(bytes)
      t.equal((decodeFrame(whole)[2] as unknown[]).length, count)
    })

    t.test('readRelay accepts a body of any depth, because it does not read the body', async (t) => {
      const bytes = concat(fromHex('93 01 cf 000000000000002a'), repeat('91', 1_000), [0xc0])
      t.equal(readRelay(bytes)?.peer, 42)
      t.equal(
        reasonOf(() => decodeFrame(bytes)),
        'too-deep',
        'decodeFrame rejects the body',
      )
    })
  })
}
