import { decode } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import {
  decodeFrame,
  encodeFrame,
  encodeRelay,
  encodeValue,
  Op,
  RELAY_HEADER_BYTES,
  readRelay,
  SignalError,
  writePeer,
} from '../../src/protocol/mod.ts'
import { frames, ids, relays } from './fixture/arbitrary-frames.ts'
import { concat, fromHex, toHex } from './fixture/bytes.ts'
import { reasonOf } from './fixture/refusal.ts'

t.test('readRelay reads the header of any relay frame and says where the body is', async (t) => {
  fc.assert(
    fc.property(relays, (frame) => {
      const bytes = encodeFrame(frame)
      t.strictSame(readRelay(bytes), { op: frame[0], peer: frame[1], body: RELAY_HEADER_BYTES })
      t.strictSame(decode(bytes.subarray(RELAY_HEADER_BYTES)), frame[2])
    }),
  )
})

t.test('writePeer changes the eight bytes of the id and no others', async (t) => {
  fc.assert(
    fc.property(relays, ids, (frame, origin) => {
      const bytes = encodeFrame(frame)
      const before = bytes.slice()
      writePeer(bytes, origin)
      t.equal(readRelay(bytes)?.peer, origin)
      t.strictSame(bytes.subarray(0, 3), before.subarray(0, 3))
      t.strictSame(bytes.subarray(11), before.subarray(11))
    }),
  )
})

t.test('readRelay does not read the body, whether it is no msgpack or a million brackets', async (t) => {
  const junk = fromHex('c1 ff dd ff ff ff ff')
  t.same(readRelay(encodeRelay(Op.offer, 42, junk)), { op: Op.offer, peer: 42, body: 11 })
  t.same(readRelay(encodeRelay(Op.data, 42, new Uint8Array(1_000_000).fill(0x91)))?.peer, 42)
})

t.test('readRelay reads headers with any width of integers and arrays', async (t) => {
  const peers = [
    '2a',
    'cc 2a',
    'cd 002a',
    'ce 0000002a',
    `cf ${wide(42)}`,
    'd0 2a',
    'd1 002a',
    'd2 0000002a',
    `d3 ${wide(42)}`,
  ]
  for (const array of ['93', 'dc 0003', 'dd 00000003']) {
    for (const op of ['04', 'cc 04', 'cd 0004', 'ce 00000004', `cf ${wide(4)}`]) {
      for (const peer of peers) {
        const head = fromHex(`${array} ${op} ${peer}`)
        const bytes = concat(head, [0xc0])
        t.same(readRelay(bytes), { op: Op.signal, peer: 42, body: head.length }, toHex(bytes))
        t.same(decodeFrame(bytes), [Op.signal, 42, null])
      }
    }
  }
})

t.test('readRelay reads the greatest id in both widths that can hold it', async (t) => {
  for (const type of ['cf', 'd3']) {
    t.equal(readRelay(fromHex(`93 01 ${type} 001fffffffffffff c0`))?.peer, Number.MAX_SAFE_INTEGER)
  }
})

t.test('readRelay rejects a peer that is no id, in the canonical form and in others', async (t) => {
  const wrong = [
    `cf ${wide(0)}`,
    'cf 0020000000000000',
    'cf ffffffffffffffff',
    'd3 ffffffffffffffff',
    'd3 0020000000000000',
    'd0 ff',
    '00',
    'ff',
    'c0',
    'c3',
    'a2 3432',
    'cb 4045000000000000',
    'ca 42280000',
    '91 2a',
    'c1',
  ]
  for (const peer of wrong)
    t.equal(
      reasonOf(() => readRelay(fromHex(`93 01 ${peer} c0`))),
      'wrong-type',
      peer,
    )
})

t.test('a relay frame that is cut anywhere after its op is truncated', async (t) => {
  for (const header of [`93 01 cf ${wide(42)}`, 'dc 0003 01 ce 0000002a', 'dd 00000003 cc 01 cd 002a']) {
    const bytes = fromHex(header)
    const start = { 147: 2, 220: 4, 221: 7 }[bytes[0] as 0x93] as number
    for (let cut = start; cut <= bytes.length; cut++) {
      t.equal(
        reasonOf(() => readRelay(bytes.subarray(0, cut))),
        'truncated',
        `${header} cut at ${cut}`,
      )
    }
  }
})

t.test('readRelay returns undefined for a frame that is no relay', async (t) => {
  const others = [
    '',
    '93',
    'dc',
    'dc 00',
    'dc 0002 01 2a',
    'dd 000000',
    '92 01 2a',
    '94 01 2a c0 c0',
    '93 11 01 c0',
    '93 06 2a c0',
    '93 a1 61 2a c0',
    '81 01 2a',
    'c0',
  ]
  for (const hex of others) t.equal(readRelay(fromHex(hex)), undefined, hex)
  fc.assert(fc.property(frames, (frame) => (readRelay(encodeFrame(frame)) !== undefined) === frame[0] <= Op.data))
})

t.test('readRelay returns a header or undefined, or throws a SignalError, for any bytes', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(0x93, 0xdc, 0xdd, 0x92), (bytes, first) => {
      const frame = concat([first], bytes)
      try {
        const header = readRelay(frame)
        return header === undefined || (header.body < frame.length && Number.isSafeInteger(header.peer))
      } catch (error) {
        return error instanceof SignalError
      }
    }),
    { numRuns: 5_000 },
  )
})

t.test('encodeRelay and encodeFrame write the same bytes', async (t) => {
  fc.assert(
    fc.property(relays, (frame) =>
      t.strictSame(
        encodeRelay(frame[0] as typeof Op.offer, frame[1] as number, encodeValue(frame[2])),
        encodeFrame(frame),
      ),
    ),
  )
})

function wide(value: number): string {
  return value.toString(16).padStart(16, '0')
}
