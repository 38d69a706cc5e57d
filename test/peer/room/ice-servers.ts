import t from 'tap'
import { Op } from '../../../mod.ts'
import { type Scripted, scripted, settled } from '../fixture/scripted-server.ts'

/** Returns what a session requests when it joins a room, `ago` ms after a greeting with these ICE servers. */
async function asked(server: Scripted, ice: object | undefined, ago: number): Promise<unknown[]> {
  const connecting = server.connecting()
  await settled()
  server.socket().open()
  server.socket().answer(Op.hello, { id: 7, recovered: false, rooms: [], ice })
  const session = await connecting
  server.socket().take()
  server.clock.advance(ago)
  const joining = session.join('lab')
  await settled()
  const requests = server.socket().take()
  session.close()
  await t.rejects(joining, { code: 'closed' })
  return requests.map(([op]) => op)
}

t.test('join uses the ICE servers of the greeting for half of their lifetime', async (t) => {
  const iceServers = [{ urls: ['turn:turn.example.org'], username: 'ada', credential: 'secret' }]
  t.strictSame(await asked(scripted(), undefined, 1_000), [Op.connect], 'no ICE servers')
  t.strictSame(await asked(scripted(), { iceServers }, 9_000), [Op.connect], 'ICE servers that do not expire')
  t.strictSame(await asked(scripted(), { iceServers, expiresIn: 10_000 }, 4_999), [Op.connect])
  t.strictSame(
    await asked(scripted(), { iceServers, expiresIn: 10_000 }, 5_000),
    [Op.ice],
    'half of the lifetime has passed',
  )
  t.strictSame(await asked(scripted(), { iceServers, expiresIn: -60_000 }, 0), [Op.ice], 'expired at the greeting')
})
