import { setImmediate } from 'node:timers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { MessageTurns, RequestTurns } from '../../../src/server/shared/turns.ts'
import { until } from '../../fixture/until.ts'

const text = (length: number): { length: number } => ({ length })

/** Turns of connections that have a name each. `done` lists what happens. */
function recorded(): { turns: MessageTurns<string, { length: number }>; done: string[] } {
  const done: string[] = []
  const turns = new MessageTurns<string, { length: number }>({
    nextTurn: setImmediate,
    handle: (name) => done.push(name),
    pause: (name) => done.push(`pause ${name}`),
    resume: (name) => done.push(`resume ${name}`),
  })
  return { turns, done }
}

t.test('each connection’s messages are handled once and in order, whenever they arrive', async () => {
  const arrivals = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 100 }), fc.boolean()), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(arrivals, async (arrivals) => {
      const [sent, handled] = [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]
      const paused = new Set<number>()
      const turns = new MessageTurns<number, [nth: number]>({
        nextTurn: setImmediate,
        handle(connection, [nth]) {
          if (handled[connection] !== nth) throw new Error('Another order')
          handled[connection]++
        },
        pause: (connection) => paused.add(connection),
        resume: (connection) => paused.delete(connection),
      })
      for (const [connection, count, ends] of arrivals) {
        for (let i = 0; i < count; i++) turns.take(connection, [(sent[connection] as number)++])
        if (!ends) continue
        const all = sent[connection]
        await new Promise<void>((resolve) => turns.whenEmpty(connection, resolve))
        if (handled[connection] !== all) throw new Error('A message of an ended connection waits')
      }
      await until(() => String(handled) === String(sent))
      if (paused.size > 0) throw new Error('A connection stays paused')
    }),
    { numRuns: 200 },
  )
})

t.test('a connection that sends much delays only its own messages', async (t) => {
  const { turns, done } = recorded()
  for (let i = 0; i < 60; i++) turns.take('flood', text(1))
  t.strictSame(done, ['flood', 'flood'])
  turns.take('other', text(1))
  t.equal(done.at(-1), 'other', 'a message of another connection does not wait')
  await until(() => done.length === 61)
})

t.test('connections for which messages wait take turns', async (t) => {
  const { turns, done } = recorded()
  for (const name of ['one', 'two']) for (let i = 0; i < 5; i++) turns.take(name, text(1))
  await until(() => done.length === 10)
  t.strictSame(done.slice(4), ['one', 'two', 'one', 'two', 'one', 'two'])
})

t.test('one turn handles waiting messages for half a millisecond, but at least one', async (t) => {
  const turns = new MessageTurns<string, { length: number }>({
    nextTurn: setImmediate,
    handle() {
      for (const end = performance.now() + 1; performance.now() < end; );
      handled++
    },
    pause: () => {},
    resume: () => {},
  })
  let handled = 0
  for (let i = 0; i < 6; i++) turns.take('slow', text(1))
  for (let expected = 2; expected <= 6; expected++) {
    t.equal(handled, expected)
    await nextTurn()
  }
})

t.test('a connection is not read while many of its messages wait', async (t) => {
  const { turns, done } = recorded()
  for (let i = 0; i < 65; i++) turns.take('flood', text(1))
  t.notOk(done.includes('pause flood'))
  turns.take('flood', text(1))
  t.equal(done.at(-1), 'pause flood')
  turns.take('flood', text(1))
  await until(() => done.at(-1) === 'resume flood')
  t.equal(done.length, 69)
})

t.test('at most 10,000 messages of a connection wait, and 16 MiB of all connections', (t) => {
  const { turns, done } = recorded()
  for (let i = 0; i < 12_000; i++) turns.take('flood', text(1))
  t.equal(done.filter((what) => what === 'flood').length, 2_000)
  for (let i = 0; i < 20; i++) turns.take('large', text(1_048_576))
  t.equal(done.filter((what) => what === 'large').length, 6)
  t.end()
})

t.test('what waits for a connection can be forgotten', async (t) => {
  const { turns, done } = recorded()
  for (let i = 0; i < 100; i++) turns.take('flood', text(1))
  turns.whenEmpty('flood', () => done.push('empty'))
  turns.forget('flood')
  t.strictSame(done, ['flood', 'flood', 'pause flood', 'resume flood', 'empty'])
  turns.whenEmpty('flood', () => done.push('empty at once'))
  t.equal(done.at(-1), 'empty at once')
  await nextTurn()
  t.equal(done.length, 6)
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
