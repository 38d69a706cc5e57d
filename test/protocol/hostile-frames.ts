import t from 'tap'
import { type Frame, Op } from '../../src/protocol/mod.ts'
import { concat, fromHex } from './fixture/bytes.ts'
import { codecs } from './fixture/codecs.ts'
import { reasonOf, refusal } from './fixture/refusal.ts'

const samples: Frame[] = [
  [Op.offer, 2 ** 40, { type: 'offer', sdp: 'v=0\r\n', link: 3 }],
  [Op.data, 1, new Uint8Array(300)],
  [Op.connect, 70_000, { room: { name: 'lab', restrictions: { users: ['Zoë'], max: 2 } }, info: { rate: 250.5 } }],
  [Op.error, 1, { code: 'bad-frame', reason: 'truncated', message: 'x'.repeat(300) }],
  [Op.rooms, [[], {}, null, true, -1, -200, 2 ** 33]],
]

for (const [end, codec] of codecs) {
  const { decodeFrame, encodeFrame } = codec
  t.test(`the codec of ${end}`, async (t) => {
    t.test('a frame that is cut at any byte is truncated', async (t) => {
      for (const frame of samples) {
        const bytes = encodeFrame(frame)
        for (let cut = 0; cut < bytes.length; cut++) {
          const { code, reason } = refusal(() => decodeFrame(bytes.subarray(0, cut)))
          if (code !== 'bad-frame' || reason !== 'truncated') t.fail(`op ${frame[0]} cut at ${cut}: ${code} ${reason}`)
        }
      }
      t.pass()
    })

    t.test('bytes after the end of a frame are rejected', async (t) => {
      for (const frame of samples) {
        for (const more of [[0xc0], [0x00], [0xc1], encodeFrame(frame)]) {
          const { reason, message } = refusal(() => decodeFrame(concat(encodeFrame(frame), more)))
          t.equal(reason, 'trailing-bytes')
          t.match(message, ` ${more.length} bytes`)
        }
      }
    })

    t.test('a first element that is no op of this version is rejected', async (t) => {
      const known = new Set<number>(Object.values(Op))
      for (let op = 0; op < 128; op++) {
        if (!known.has(op))
          t.equal(
            reasonOf(() => decodeFrame(fromHex(`93 ${hex(op)} 01 c0`))),
            'unknown-op',
            String(op),
          )
      }
      for (const op of [
        'c0',
        'c3',
        'a1 31',
        '91 01',
        '80',
        'c4 01 01',
        'cb 3ff8000000000000',
        'd0 ff',
        `d9 ff ${'61'.repeat(255)}`,
      ]) {
        const { reason, message } = refusal(() => decodeFrame(fromHex(`93 ${op} 01 c0`)))
        t.equal(reason, 'unknown-op', op)
        t.ok(message.length < 100, 'the message does not repeat a long input')
      }
    })

    t.test('an op with a wrong number of elements is rejected', async (t) => {
      for (const [name, op] of Object.entries(Op)) {
        const event = [17, 19, 48, 49, 50, 51, 52, 53, 64, 65].includes(op)
        const lengths = op === 17 || op === 19 ? [2, 3] : event ? [2] : [3]
        for (let length = 1; length <= 15; length++) {
          if (lengths.includes(length)) continue
          const bytes = concat([0x90 + length, op], new Array(length - 1).fill(1))
          t.equal(
            reasonOf(() => decodeFrame(bytes)),
            'wrong-type',
            `${name} with ${length}`,
          )
        }
      }
    })

    t.test('a peer or a seq that is no integer is rejected', async (t) => {
      const types = [
        'c0',
        'c2',
        'c3',
        'a131',
        'c40101',
        '9101',
        '80',
        'ca3f8ccccd',
        'cb3ff8000000000000',
        'ff',
        'd0ff',
        'd40501',
      ]
      for (const type of types) {
        for (const op of ['01', '05', '10', '16', '20']) {
          t.equal(
            reasonOf(() => decodeFrame(fromHex(`93 ${op} ${type} c0`))),
            'wrong-type',
            `${op} ${type}`,
          )
        }
      }
    })

    t.test('ids and seqs out of range are rejected', async (t) => {
      for (const peer of [
        '00',
        'cf 0000000000000000',
        'cf 0020000000000000',
        'cf ffffffffffffffff',
        'd3 8000000000000000',
      ]) {
        t.equal(
          reasonOf(() => decodeFrame(fromHex(`93 01 ${peer} c0`))),
          'wrong-type',
          peer,
        )
      }
      t.equal(
        reasonOf(() => decodeFrame(fromHex('93 11 cf 0020000000000000 c0'))),
        'wrong-type',
      )
      t.same(decodeFrame(fromHex('93 11 00 c0')), [Op.rooms, 0, null], 'a seq of 0 is valid')
    })

    t.test('a frame that is no array is rejected', async (t) => {
      for (const other of [
        'c0',
        'c3',
        '01',
        'a0',
        'c400',
        '80',
        '8101c0',
        'cb0000000000000000',
        'd40501',
        'd6ff00000000',
      ]) {
        t.equal(
          reasonOf(() => decodeFrame(fromHex(other))),
          'wrong-type',
          other,
        )
      }
    })

    t.test('an error without its three strings is rejected', async (t) => {
      for (const body of ['c0', '80', '90', 'a0', '01', '83 a4 636f6465 01 a6 726561736f6e 02 a7 6d657373616765 03']) {
        t.equal(
          reasonOf(() => decodeFrame(fromHex(`93 21 01 ${body}`))),
          'wrong-type',
          body,
        )
      }
    })

    t.test('the key __proto__ is rejected at any depth, plain and overlong', async (t) => {
      const plain = 'a9 5f5f70726f746f5f5f'
      const value = '81 a5 61646d696e c3'
      for (const body of [
        `81 ${plain} ${value}`,
        `91 81 a1 61 81 ${plain} ${value}`,
        `82 a1 61 01 ${plain} c0`,
        `81 d9 09 5f5f70726f746f5f5f ${value}`,
      ]) {
        t.equal(
          reasonOf(() => decodeFrame(fromHex(`93 15 01 ${body}`))),
          'not-msgpack',
          body,
        )
      }
      // c1 9f is an overlong form of the underscore, which UTF-8 forbids.
      t.equal(
        reasonOf(() => decodeFrame(fromHex(`93 15 01 81 ab c19f 5f70726f746f5f c19f ${value}`))),
        'not-msgpack',
      )
      t.notOk('admin' in {})
      t.same(
        decodeFrame(fromHex('93 15 01 81 a1 61 a9 5f5f70726f746f5f5f')),
        [Op.info, 1, { a: '__proto__' }],
        '__proto__ is allowed as a value',
      )
    })

    t.test('keys that JavaScript gives a meaning, such as constructor, are plain names', async (t) => {
      const body = { constructor: { prototype: { admin: true } }, hasOwnProperty: 1, toString: 2, length: 3 }
      const [, , read] = decodeFrame(encodeFrame([Op.info, 1, body]))
      t.equal(JSON.stringify(read), JSON.stringify(body))
      t.notOk('admin' in {})
    })

    t.test('keys that are neither text nor numbers are rejected', async (t) => {
      for (const key of ['c0', 'c3', '80', '90', 'c4 01 61', 'd4 05 01']) {
        t.equal(
          reasonOf(() => decodeFrame(fromHex(`93 15 01 81 ${key} 01`))),
          'not-msgpack',
          key,
        )
      }
    })

    t.test('text that is not UTF-8 is rejected as a key and as a value, short and long', async (t) => {
      const long = `d9 3e ${'61'.repeat(60)} c3 28`
      for (const string of ['a1 ff', 'a2 c3 28', 'a2 c0 af', 'a3 ed a0 80', 'a4 f4 90 80 80', 'a1 e2', long]) {
        t.equal(
          reasonOf(() => decodeFrame(fromHex(`93 15 01 81 ${string} 01`))),
          'not-msgpack',
          `key ${string}`,
        )
        t.equal(
          reasonOf(() => decodeFrame(fromHex(`93 15 01 81 a1 61 ${string}`))),
          'not-msgpack',
          `value ${string}`,
        )
      }
      t.same(
        decodeFrame(fromHex('93 15 01 81 a1 61 c4 02 c3 28')),
        [Op.info, 1, { a: fromHex('c3 28') }],
        'bytes may have any value',
      )
    })
  })
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
