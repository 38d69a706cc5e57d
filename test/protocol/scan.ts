import { decodeMulti, Encoder, ExtData } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { encodeValue, readUint, SignalError, scanValue } from '../../src/protocol/mod.ts'
import { values } from './fixture/arbitrary-frames.ts'
import { concat, fromHex } from './fixture/bytes.ts'
import { reasonOf } from './fixture/refusal.ts'

t.test('scanValue finds the end of a value, whatever is around it', async (t) => {
  fc.assert(
    fc.property(values, fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 9 }), (value, before, after) => {
      const bytes = encodeValue(value)
      return scanValue(concat(before, bytes, after), before.length) === before.length + bytes.length
    }),
  )
  t.pass()
})

t.test('scanValue and the decoder agree on where each of several values ends', async (t) => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 6 }), (list) => {
      const bytes = concat(...list.map((value) => encodeValue(value)))
      const decoded = [...decodeMulti(bytes)]
      const ends: unknown[] = []
      for (let offset = 0; offset < bytes.length; ) {
        const end = scanValue(bytes, offset)
        ends.push([...decodeMulti(bytes.subarray(offset, end))][0])
        offset = end
      }
      t.strictSame(ends, decoded)
    }),
  )
})

t.test('the decoder finds enough bytes in everything that scanValue accepts', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      let end: number
      try {
        end = scanValue(bytes, 0)
      } catch (error) {
        return error instanceof SignalError
      }
      // The decoder may reject what the scan accepts, such as a map as a key. But it must never run out of bytes.
      try {
        return [...decodeMulti(bytes.subarray(0, end))].length === 1
      } catch (error) {
        return !(error instanceof RangeError)
      }
    }),
    { numRuns: 5_000 },
  )
})

t.test('scanValue measures every type of the msgpack specification', async (t) => {
  const types: [name: string, hex: string][] = [
    ['positive fixint', '7f'],
    ['negative fixint', 'e0'],
    ['fixmap', '81 a161 01'],
    ['fixarray', '92 01 02'],
    ['fixstr', 'a3 616263'],
    ['nil', 'c0'],
    ['false', 'c2'],
    ['true', 'c3'],
    ['bin 8', 'c4 02 0001'],
    ['bin 16', 'c5 0002 0001'],
    ['bin 32', 'c6 00000002 0001'],
    ['ext 8', 'c7 02 05 0001'],
    ['ext 16', 'c8 0002 05 0001'],
    ['ext 32', 'c9 00000002 05 0001'],
    ['float 32', 'ca 00000000'],
    ['float 64', 'cb 0000000000000000'],
    ['uint 8', 'cc 00'],
    ['uint 16', 'cd 0000'],
    ['uint 32', 'ce 00000000'],
    ['uint 64', 'cf 0000000000000000'],
    ['int 8', 'd0 00'],
    ['int 16', 'd1 0000'],
    ['int 32', 'd2 00000000'],
    ['int 64', 'd3 0000000000000000'],
    ['fixext 1', 'd4 05 00'],
    ['fixext 2', 'd5 05 0000'],
    ['fixext 4', 'd6 05 00000000'],
    ['fixext 8', 'd7 05 0000000000000000'],
    ['fixext 16', 'd8 05 00000000000000000000000000000000'],
    ['str 8', 'd9 02 6162'],
    ['str 16', 'da 0002 6162'],
    ['str 32', 'db 00000002 6162'],
    ['array 16', 'dc 0002 01 02'],
    ['array 32', 'dd 00000002 01 02'],
    ['map 16', 'de 0001 a161 01'],
    ['map 32', 'df 00000001 a161 01'],
  ]
  for (const [name, hex] of types) {
    const bytes = fromHex(hex)
    t.equal(scanValue(concat(bytes, [0xc1]), 0), bytes.length, name)
    for (let cut = 0; cut < bytes.length; cut++) {
      t.equal(
        reasonOf(() => scanValue(bytes.subarray(0, cut), 0)),
        'truncated',
        `${name} cut at ${cut}`,
      )
    }
  }
})

t.test('scanValue rejects the byte c1, which msgpack never uses', async (t) => {
  t.equal(
    reasonOf(() => scanValue(fromHex('c1'), 0)),
    'not-msgpack',
  )
  t.equal(
    reasonOf(() => scanValue(fromHex('92 01 c1'), 0)),
    'not-msgpack',
  )
})

t.test('depth counts nested containers with content, and no siblings', async (t) => {
  t.equal(scanValue(fromHex('91 91 01'), 0, 2), 3)
  t.equal(
    reasonOf(() => scanValue(fromHex('91 91 01'), 0, 1)),
    'too-deep',
  )
  t.equal(scanValue(fromHex('93 91 01 91 01 91 01'), 0, 2), 7)
  t.equal(scanValue(fromHex('91 90'), 0, 1), 2)
})

t.test('scanValue measures extensions as the encoder writes them', async (t) => {
  for (const size of [1, 2, 3, 4, 8, 16, 17, 255, 256, 65_536]) {
    const bytes = new Encoder().encode(new ExtData(5, new Uint8Array(size)))
    t.equal(scanValue(bytes, 0), bytes.length)
  }
})

t.test('readUint is big-endian and exact to 2^53', async (t) => {
  t.equal(readUint(fromHex('ff 01 02'), 1, 2), 0x0102)
  t.equal(readUint(fromHex('001fffffffffffff'), 0, 8), Number.MAX_SAFE_INTEGER)
  t.equal(
    reasonOf(() => readUint(fromHex('00 00'), 1, 2)),
    'truncated',
  )
})
