import t from 'tap'
import { readRelay } from '../../src/protocol/mod.ts'
import { fromHex } from './fixture/bytes.ts'
import { codecs } from './fixture/codecs.ts'
import { reasonOf } from './fixture/refusal.ts'

/** Every form that has a length field, with its greatest length, but without content. */
const forms: [name: string, hex: string][] = [
  ['str 32', 'db ffffffff'],
  ['bin 32', 'c6 ffffffff'],
  ['ext 32', 'c9 ffffffff 05'],
  ['array 32', 'dd ffffffff'],
  ['map 32', 'df ffffffff'],
  ['array 32 of 2^31', 'dd 80000000'],
  ['map 32 of 2^31', 'df 80000000'],
  ['str 16', 'da ffff'],
  ['bin 16', 'c5 ffff'],
  ['ext 16', 'c8 ffff 05'],
  ['array 16', 'dc ffff'],
  ['map 16', 'de ffff'],
  ['str 8', 'd9 ff'],
  ['bin 8', 'c4 ff'],
  ['ext 8', 'c7 ff 05'],
  ['fixstr', 'bf'],
  ['fixarray', '9f'],
  ['fixmap', '8f'],
]
const rounds = 5_000

for (const [end, codec] of codecs) {
  const { decodeFrame, decodeValue } = codec
  t.test(`the codec of ${end}`, async (t) => {
    t.test('a length beyond the end is rejected everywhere, and no memory is allocated for it', async (t) => {
      const frames = forms.flatMap(([name, hex]) => [
        { name: `${name} as the frame`, bytes: fromHex(hex) },
        { name: `${name} as an op`, bytes: fromHex(`93 ${hex}`) },
        { name: `${name} as a seq`, bytes: fromHex(`93 11 ${hex}`) },
        { name: `${name} as a body`, bytes: fromHex(`93 11 01 ${hex}`) },
        { name: `${name} as a relay's body`, bytes: fromHex(`93 01 cf 0000000000000001 ${hex}`) },
        { name: `${name} as a key`, bytes: fromHex(`93 11 01 81 ${hex}`) },
        { name: `${name} as a value, with a few bytes behind it`, bytes: fromHex(`93 11 01 81 a1 61 ${hex} 01 01 01`) },
      ])
      for (const { name, bytes } of frames)
        t.equal(
          reasonOf(() => decodeFrame(bytes)),
          'truncated',
          name,
        )

      // The forms declare from 15 elements to 4 GiB. Even one large allocation would exceed the bound below.
      const before = memory()
      for (let i = 0; i < rounds; i++) {
        const { bytes } = frames[i % frames.length] as (typeof frames)[number]
        reasonOf(() => decodeFrame(bytes))
      }
      const grown = memory() - before
      t.ok(grown < 32 * 2 ** 20, `${rounds} frames took ${Math.round(grown / 1024)} KiB`)
    })

    t.test('nested containers that declare more than there is are truncated', async (t) => {
      // Each array 32 is inside the one before. Each length alone would fit into the message, but their sum does not.
      const nest = `dd 00000005 ${'dd 00000005 '.repeat(20)}`
      t.equal(
        reasonOf(() => decodeValue(fromHex(nest))),
        'truncated',
      )
      const large = new Uint8Array(262_144).fill(0xdd)
      t.equal(
        reasonOf(() => decodeFrame(large)),
        'truncated',
      )
    })

    t.test('a relay header with an array of 4 Gi elements is no relay', async (t) => {
      t.equal(readRelay(fromHex('dd ffffffff 01 2a c0')), undefined)
      t.equal(
        reasonOf(() => decodeFrame(fromHex('dd ffffffff 01 2a c0'))),
        'truncated',
      )
    })

    t.test('a length that fits exactly is accepted', async (t) => {
      t.same(decodeValue(fromHex('dd 00000002 01 02')), [1, 2])
      t.same(decodeValue(fromHex('c6 00000001 ff')), fromHex('ff'))
      t.equal(
        reasonOf(() => decodeValue(fromHex('dd 00000003 01 02'))),
        'truncated',
      )
      t.equal(
        reasonOf(() => decodeValue(fromHex('c6 00000002 ff'))),
        'truncated',
      )
    })
  })
}

function memory(): number {
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()
  return heapUsed + arrayBuffers + external
}
