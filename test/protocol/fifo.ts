import fc from 'fast-check'
import t from 'tap'
import { Fifo } from '../../src/protocol/fifo.ts'

t.test('items leave in the order in which they entered', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat(), fc.constant('shift' as const)), { maxLength: 300 }), (commands) => {
      const fifo = new Fifo<number>()
      const expected: number[] = []
      for (const command of commands) {
        if (command === 'shift') t.equal(fifo.shift(), expected.shift())
        else {
          fifo.push(command)
          expected.push(command)
        }
        t.equal(fifo.length, expected.length)
        t.equal(fifo.first, expected[0])
      }
      t.strictSame([...fifo], expected)
    }),
    { numRuns: 20 },
  )
})
