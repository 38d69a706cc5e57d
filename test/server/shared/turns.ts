import { setImmediate } from 'node:timers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { MessageTurns, RequestTurns } from '../../../src/server/shared/turns.ts'
import { until } from '../../fixture/until.ts'

const quick = { length: 1 }
const slow = { length: 2 }
const quickInTwentyMilliseconds = { length: 3 }

/**
 * Turns of connections that have a name each. `done` lists what happens. A slow message takes longer than all slow
 * messages of a turn may take together.
 */
function recorded(): {
  turns: MessageTurns<string, { length: number }>
  done: string[]
  counts: { unhandled: number }
} {
  const done: string[] = []
  const counts = { unhandled: 0 }
  let time = 0
  const turns = new MessageTurns<string, { length: number }>({
    nextTurn: setImmediate,
    now: () => time,
    counts,
    handle(name, message) {
      if (message === slow) time++
      if (message === quickInTwentyMilliseconds) time += 20
      done.push(name)
    },
    isQuick: (message) => message !== slow,
    pause: (name) => done.push(`pause ${name}`),
    resume: (name) => done.push(`resume ${name}`),
  })
  return { turns, done, counts }
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
        now: () => performance.now(),
        counts: { unhandled: 0 },
        handle(connection, [nth]) {
          if (handled[connection] !== nth) throw new Error('Another order')
          handled[connection]++
        },
        isQuick: ([nth]) => nth % 3 > 0,
        pause: (connection) => paused.add(connection),
        resume: (connection) => paused.delete(connection),
      })
      for (const [connection, count, ends] of arrivals) {
        for (let i = 0; i < count; i++) turns.take(connection, [(sent[connection] as number)++])
        if (!ends) continue
        const all = sent[connection]
        await new Promise<void>((resolve) => turns.end(connection, resolve))
        if (handled[connection] !== all) throw new Error('A message of an ended connection waits')
      }
      await until(() => String(handled) === String(sent))
      if (paused.size > 0) throw new Error('A connection stays paused')
    }),
    { numRuns: 200 },
  )
})

t.test(
  'a turn handles slow messages for half a millisecond, but at least one, of each connection in turn',
  async (t) => {
    const { turns, done } = recorded()
    for (let i = 0; i < 3; i++) for (const name of ['one', 'two']) turns.take(name, slow)
    for (const expected of ['one', 'two', 'one', 'two', 'one', 'two']) {
      t.equal(done.shift(), expected)
      t.strictSame(done, [])
      await nextTurn()
    }
  },
)

t.test('a quick message does not wait for slow messages of other connections', async (t) => {
  const { turns, done } = recorded()
  for (let i = 0; i < 10; i++) turns.take(`slow ${i}`, slow)
  turns.take('quick', quick)
  t.strictSame(done, ['slow 0', 'quick'])
  turns.take('slow 9', quick)
  t.strictSame(done, ['slow 0', 'quick'], 'it waits for those of its own connection')
  await until(() => done.length === 12)
  t.strictSame(done.slice(-2), ['slow 9', 'slow 9'])
})

t.test('a turn with many quick messages leaves a share of its time to others', async (t) => {
  const { turns, done } = recorded()
  turns.take('quick', quickInTwentyMilliseconds)
  for (let i = 0; i < 10; i++) turns.take('slow', slow)
  t.strictSame(done, ['quick', 'slow'])
  await nextTurn()
  t.equal(done.length, 8, 'messages of 1 ms in a quarter of 21 ms')
})

t.test('a connection that sends many quick messages delays only its own', async (t) => {
  const { turns, done } = recorded()
  turns.take('slow', slow)
  for (let i = 0; i < 60; i++) turns.take('flood', quick)
  t.strictSame(done, ['slow', 'flood', 'flood'])
  turns.take('other', quick)
  t.equal(done.at(-1), 'other')
  await until(() => done.length === 62)
})

t.test('a connection is not read while many of its messages wait', async (t) => {
  const { turns, done } = recorded()
  turns.take('slow', slow)
  for (let i = 0; i < 65; i++) turns.take('flood', quick)
  t.strictSame(done, ['slow', 'flood', 'flood'])
  turns.take('flood', quick)
  t.equal(done.at(-1), 'pause flood')
  turns.take('flood', quick)
  await until(() => done.at(-1) === 'resume flood')
  t.equal(done.length, 70)
})

t.test('at most 10,000 messages and 1 MiB of a connection wait', (t) => {
  const { turns, done, counts } = recorded()
  turns.take('slow', slow)
  for (let i = 0; i < 2; i++) turns.take('flood', quick)
  for (let i = 0; i < 5_100; i++) turns.take('flood', quick)
  t.equal(done.filter((what) => what === 'flood').length, 2, 'a message counts as 200 bytes more than it has')
  for (let i = 0; i < 1_000; i++) turns.take('flood', { length: 10_000 })
  t.ok(counts.unhandled <= 1_048_576, String(counts.unhandled))
  t.end()
})

t.test('at most 16 MiB of all connections wait', async (t) => {
  const { turns, done, counts } = recorded()
  turns.take('slow', slow)
  for (let i = 0; i < 100; i++) {
    for (let nth = 0; nth < 100; nth++) turns.take(`flood ${i}`, { length: nth < 90 ? 1 : 100_000 })
  }
  t.ok(counts.unhandled <= 16_777_216, String(counts.unhandled))
  await until(() => counts.unhandled === 0)
  t.equal(done.filter((what) => what.startsWith('flood')).length, 10_000)
})

t.test('the end of a connection takes its turn, too', async (t) => {
  const { turns, done } = recorded()
  turns.end('idle', () => done.push('idle ended'))
  t.strictSame(done, ['idle ended'], 'at once if nothing waits')
  await nextTurn()
  turns.take('slow', slow)
  turns.end('slow', () => done.push('slow ended'))
  turns.end('other', () => done.push('other ended'))
  t.strictSame(done, ['idle ended', 'slow'])
  await until(() => done.length === 4)
  t.strictSame(done, ['idle ended', 'slow', 'slow ended', 'other ended'])
})

t.test('what waits for a connection can be forgotten', async (t) => {
  const { turns, done, counts } = recorded()
  turns.take('slow', slow)
  for (let i = 0; i < 100; i++) turns.take('flood', quick)
  turns.end('flood', () => done.push('ended'))
  turns.forget('flood')
  t.strictSame(done, ['slow', 'flood', 'flood', 'pause flood', 'resume flood', 'ended'])
  t.equal(counts.unhandled, 0)
  await nextTurn()
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
