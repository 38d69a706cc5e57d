import { setImmediate } from 'node:timers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { MessageTurns, RequestTurns } from '../../../src/server/shared/turns.ts'
import { until } from '../../fixture/until.ts'

t.test('each connection’s messages are handled once and in order, whenever they arrive', async () => {
  const arrivals = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 40 }), fc.boolean()), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(arrivals, async (arrivals) => {
      const [sent, handled] = [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]
      const turns = new MessageTurns<number, number>(setImmediate, (connection, message) => {
        if (handled[connection] !== message) throw new Error('Another order')
        handled[connection]++
      })
      for (const [connection, count, ends] of arrivals) {
        for (let i = 0; i < count; i++) turns.take(connection, (sent[connection] as number)++)
        if (!ends) continue
        turns.finish(connection)
        if (handled[connection] !== sent[connection]) throw new Error('A message of an ended connection waits')
        await nextTurn()
      }
      await until(() => String(handled) === String(sent))
    }),
    { numRuns: 200 },
  )
})

t.test('a connection that sends much delays only its own messages', async (t) => {
  const handled: string[] = []
  const turns = new MessageTurns<string, number>(setImmediate, (connection) => handled.push(connection))
  for (let i = 0; i < 1_000; i++) turns.take('flood', i)
  t.equal(handled.length, 2)
  turns.take('other', 0)
  t.equal(handled.at(-1), 'other', 'a message of another connection does not wait')
  await until(() => handled.length === 1_001)
})

t.test('at most 10,000 messages of a connection wait', async (t) => {
  let handled = 0
  const turns = new MessageTurns<string, number>(setImmediate, () => handled++)
  for (let i = 0; i < 12_000; i++) turns.take('flood', i)
  t.equal(handled, 2_000)
  turns.finish('flood')
  t.equal(handled, 12_000)
})

t.test('four requests begin in a turn, and the others follow in order', async (t) => {
  const turns = new RequestTurns(setImmediate)
  const begun: number[] = []
  for (let i = 0; i < 10; i++) {
    const turn = turns.enter()
    if (turn === undefined) begun.push(i)
    else turn.then(() => begun.push(i))
  }
  t.strictSame(begun, [0, 1, 2, 3])
  await until(() => begun.length === 10)
  t.strictSame(
    begun,
    Array.from({ length: 10 }, (_, i) => i),
  )
  await nextTurn()
  t.equal(turns.enter(), undefined)
})
