import { Encoder } from '@msgpack/msgpack'
import fc from 'fast-check'
import t from 'tap'
import { type Frame, MAX_FRAME_BYTES, Op, SignalError } from '../../src/protocol/mod.ts'
import { frames, values } from './fixture/arbitrary-frames.ts'
import { concat, fromHex, toHex } from './fixture/bytes.ts'
import { codecs } from './fixture/codecs.ts'
import { reasonOf, refusal } from './fixture/refusal.ts'

for (const [end, codec] of codecs) {
  const { decodeFrame, decodeValue, encodeFrame, encodeValue } = codec
  t.test(`the codec of ${end}`, async (t) => {
    t.test('decodeFrame reverses encodeFrame for any frame', async (t) => {
      fc.assert(fc.property(frames, (frame) => t.strictSame(decodeFrame(encodeFrame(frame)), frame)))
    })

    t.test('decodeFrame returns a frame or throws a SignalError for any bytes', async () => {
      const almost = fc
        .tuple(frames, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }))
        .map(([frame, at, noise]) => {
          const bytes = encodeFrame(frame)
          const start = at % bytes.length
          bytes.set(noise.subarray(0, bytes.length - start), start)
          return bytes
        })
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), almost), (bytes) => {
          try {
            return Array.isArray(decodeFrame(bytes))
          } catch (error) {
            return error instanceof SignalError
          }
        }),
        { numRuns: 3_000 },
      )
    })

    t.test('decodeValue reverses encodeValue, also within other bytes', async (t) => {
      fc.assert(fc.property(values, (value) => t.strictSame(decodeValue(encodeValue(value)), value)))
      const within = concat([0xff], encodeValue({ a: 1 }), [0xff]).subarray(1, -1)
      t.same(decodeValue(within), { a: 1 }, 'a view into a larger buffer')
    })

    t.test('a relay frame starts with the canonical header of 11 bytes', async (t) => {
      t.equal(toHex(encodeFrame([Op.offer, 1, null])), '9301cf0000000000000001c0')
      t.equal(toHex(encodeFrame([Op.data, Number.MAX_SAFE_INTEGER, 1])), '9305cf001fffffffffffff01')
    })

    t.test('typed arrays are encoded as bin and decoded as bytes', async (t) => {
      const samples = new Float32Array([1.5, -2])
      const [, , body] = decodeFrame(encodeFrame([Op.data, 1, samples])) as [number, number, Uint8Array]
      t.same(body, new Uint8Array(samples.buffer))
    })

    t.test('undefined properties are left out', async (t) => {
      t.same(decodeFrame(encodeFrame([Op.hello, 0, { token: undefined }])), [Op.hello, 0, {}])
    })

    t.test('a string that looks like a function stays a string', async (t) => {
      const body = { msg: '(() => { throw new Error("evaluated") })()', other: 'function () {}' }
      t.same(decodeFrame(encodeFrame([Op.signal, 1, body])), [Op.signal, 1, body])
    })

    t.test('integers and arrays in a wider form than needed are read too', async (t) => {
      t.same(decodeFrame(fromHex('93 cc 11 cd 0001 c0')), [Op.rooms, 1, null])
      t.same(decodeFrame(fromHex('dc 0003 11 01 c0')), [Op.rooms, 1, null])
    })

    t.test('a frame over the limit is rejected before it is decoded', async (t) => {
      const body = new Uint8Array(MAX_FRAME_BYTES)
      const bytes = encodeFrame([Op.data, 1, body.subarray(0, MAX_FRAME_BYTES - 16)])
      t.equal(bytes.length, MAX_FRAME_BYTES, 'the largest frame: 11 bytes of header, 5 of bin 32')
      t.same((decodeFrame(bytes)[2] as Uint8Array).length, MAX_FRAME_BYTES - 16)
      const error = refusal(() => decodeFrame(encodeFrame([Op.data, 1, body.subarray(0, MAX_FRAME_BYTES - 15)])))
      t.equal(error.code, 'frame-too-large')
      t.match(error.message, '262145 bytes')
      t.equal(refusal(() => decodeFrame(fromHex('93 11 01 c0'), 3)).code, 'frame-too-large')
    })

    t.test('encodeFrame throws for frames that the protocol does not have', async (t) => {
      const wrong: [unknown, string][] = [
        [[6, 1, null], 'unknown-op'],
        [[Op.offer, 0, null], 'wrong-type'],
        [[Op.offer, 2 ** 53, null], 'wrong-type'],
        [[Op.offer, 1.5, null], 'wrong-type'],
        [[Op.offer, -1, null], 'wrong-type'],
        [[Op.offer, '1', null], 'wrong-type'],
        [[Op.rooms, -1, null], 'wrong-type'],
        [[Op.welcome, 1, {}], 'wrong-type'],
        [[Op.hello, {}], 'wrong-type'],
        [[Op.error, 1, 'no'], 'wrong-type'],
        [[Op.rooms, 1, () => 1], 'not-msgpack'],
        [[Op.rooms, 1, 5n], 'not-msgpack'],
        [[Op.rooms, 1, nested(40)], 'not-msgpack'],
      ]
      for (const [frame, reason] of wrong)
        t.equal(
          reasonOf(() => encodeFrame(frame as Frame)),
          reason,
        )
      t.same(decodeFrame(encodeFrame([Op.rooms, 1, null])), [Op.rooms, 1, null], 'the encoder still works')
    })

    t.test('decodeFrame reads everything that encodeFrame writes, up to the greatest depth', async (t) => {
      for (let depth = 28; depth <= 36; depth++) {
        for (const frame of [[Op.rooms, 1, nested(depth)] as Frame, [Op.data, 1, nested(depth)] as Frame]) {
          const bytes = attempt(() => encodeFrame(frame))
          if (bytes === undefined) t.ok(depth >= 32, `${depth} is too deep`)
          else t.strictSame(decodeFrame(bytes), frame, `${depth} deep`)
        }
      }
    })

    t.test(
      'a timestamp extension becomes a Date, another one stays data, and an invalid timestamp is rejected',
      async (t) => {
        t.same(decodeFrame(fromHex('93 11 01 d6 ff 00000001')), [Op.rooms, 1, new Date(1000)])
        t.match(decodeFrame(fromHex('93 11 01 d4 05 aa')), [Op.rooms, 1, { type: 5, data: new Uint8Array([0xaa]) }])
        t.equal(
          reasonOf(() => decodeFrame(fromHex('93 11 01 c7 05 ff 0000000000'))),
          'not-msgpack',
        )
      },
    )

    t.test('a SignalError has its cause', async (t) => {
      t.ok(refusal(() => decodeFrame(fromHex('93 11 01 81 80 01'))).cause instanceof Error)
      t.ok(refusal(() => encodeValue(Symbol('no'))).cause instanceof Error)
      t.ok(new Encoder().encode(null), 'the msgpack library still works')
    })
  })
}

function nested(depth: number): unknown {
  let value: unknown = []
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

function attempt<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (error instanceof SignalError) return undefined
    throw error
  }
}
