/** Tests links that stay open while both sessions start afresh, in virtual time. */
import t from 'tap'
import { FakeRoom } from '../fixture/fake-room.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const time = new VirtualTime()
t.beforeEach(() => time.install())
t.afterEach(() => time.uninstall())

/** Connects two peers, then starts both sessions afresh. @returns the recovery events of each peer after that */
async function startAfresh(t: { teardown(end: () => void): void }, saysKept: boolean): Promise<string[][]> {
  const room = new FakeRoom()
  t.teardown(() => room.close())
  const [ada, bob] = [room.enter(1), room.enter(2)]
  const isConnected = () => ada.log.includes('connect 2') && bob.log.includes('connect 1')
  if (!(await time.until(isConnected, 30))) throw new Error(JSON.stringify([ada.log, bob.log]))
  room.restart(ada, 11)
  room.restart(bob, 12)
  // Wait until both peers have announced their new ids on the link.
  await time.pass(1)
  room.loses = ({ body }) => !saysKept && body.type === 'kept'
  room.introduce(ada, bob)
  await time.pass(60)
  return [ada, bob].map(({ log }) => log.filter((line) => line.startsWith('recover')))
}

t.test('a link that both peers confirm is kept', async (t) => {
  t.strictSame(await startAfresh(t, true), [[], []])
})

t.test('a link that the other peer does not confirm is rebuilt', async (t) => {
  const told = await startAfresh(t, false)
  for (const lines of told) t.match(lines.at(-1), 'recovered: rebuild')
})
