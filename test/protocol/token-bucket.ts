import t from 'tap'
import { TokenBucket } from '../../src/protocol/mod.ts'

t.test('a bucket has ten seconds of the rate at once, then the rate', async (t) => {
  const bucket = new TokenBucket(2, 1_000)
  const taken = (now: number) => {
    let count = 0
    while (bucket.take(1, now)) count++
    return count
  }
  t.equal(taken(1_000), 20)
  t.equal(taken(1_499), 0)
  t.equal(taken(1_500), 1)
  t.equal(taken(4_000), 5)
  t.equal(taken(1_000_000), 20, 'a bucket saves no more than that')
  t.equal(taken(0), 0, 'a clock that is set back adds nothing and takes nothing')
  t.equal(taken(500), 1)
})

t.test('a bucket accepts a cost above its size, and is then in debt', async (t) => {
  const bucket = new TokenBucket(10, 0)
  t.ok(bucket.take(150, 0))
  t.notOk(bucket.take(1, 4_900))
  t.ok(bucket.take(1, 5_200))
})

t.test('a bucket can have another size', async (t) => {
  const bucket = new TokenBucket(1, 0, 3)
  const taken = (now: number) => [1, 2, 3, 4].filter(() => bucket.take(1, now)).length
  t.strictSame([taken(0), taken(1_000), taken(60_000)], [3, 1, 3])
})
