/** A frame that is joined from encoded parts has the same bytes as one that is encoded at once. */
import t from 'tap'
import { encodeFrame, encodeValue, encodeWithItems, Op } from '../../src/protocol/mod.ts'

t.test('encodeWithItems writes the same bytes as encodeFrame, however long the array is', async (t) => {
  for (const length of [0, 1, 15, 16, 255, 256, 65_535, 65_536, 70_000]) {
    const items = Array.from({ length }, (_, i) => ({ uuid: 2 ** 40 + i, name: `room ${i % 7}` }))
    const encoded = items.map(encodeValue)
    const event = encodeWithItems([Op.rooms, null], encoded)
    t.equal(Buffer.compare(event, encodeFrame([Op.rooms, items])), 0, `${length} items in an event`)
    const answer = encodeWithItems([Op.ok, 7, { id: 5, rooms: null }], encoded)
    t.equal(Buffer.compare(answer, encodeFrame([Op.ok, 7, { id: 5, rooms: items }])), 0, `${length} items in an answer`)
  }
})

t.test('encodeWithItems throws for a frame that does not end with null', async (t) => {
  t.throws(() => encodeWithItems([Op.rooms, []], []), TypeError)
  t.throws(() => encodeWithItems([Op.ok, 1, { rooms: null, id: 5 }], []), TypeError)
})
