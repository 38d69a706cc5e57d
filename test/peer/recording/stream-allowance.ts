import t from 'tap'
import type { RecordedPeer } from '../../../src/peer/internal/mod.ts'
import { StreamAllowance } from '../../../src/peer/recording/stream-allowance.ts'

const peer = (id: number) => ({ id }) as RecordedPeer

/** Returns how many streams of a peer the allowance takes at once. */
function taken(allowance: StreamAllowance, peer: RecordedPeer): number {
  let count = 0
  while (allowance.take(peer)) count++
  return count
}

t.test('a file takes a limited number of streams of each peer, and one error reports the rest', async (t) => {
  const errors: unknown[] = []
  const allowance = new StreamAllowance((error) => errors.push([error.code, error.message]))
  const [ada, eve] = [peer(1), peer(2)]
  const count = taken(allowance, eve)
  // The allowance grows by one each second.
  t.ok(count >= 4_096 && count < 4_196, `${count} streams`)
  t.ok(allowance.take(ada))
  for (let i = 0; i < 500; i++) allowance.take(eve)
  t.ok(allowance.omitted > 400, `${allowance.omitted} streams are omitted`)
  t.strictSame(errors, [['too-many-streams', 'Cannot record more streams of peer 2: it has more than 4096']])
})

t.test('a file takes a limited number of streams of all peers together', async (t) => {
  const errors: string[] = []
  const allowance = new StreamAllowance((error) => errors.push(error.message))
  let count = 0
  for (let id = 1; errors.length === 0 || !errors.at(-1)?.includes('the file'); id++)
    count += taken(allowance, peer(id))
  t.equal(count, 1_048_576)
  t.match(errors.at(-1), /: the file has 1048576$/)
})
