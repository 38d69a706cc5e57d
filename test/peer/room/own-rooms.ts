/** Tests what a room with restrictions protects from, with a real open server. Another user has made its room first. */
import t, { type Test } from 'tap'
import { Op, type RunningServer, serve } from '../../../mod.ts'
import { connectTimed } from '../../../src/peer/connect.ts'
import type { Session } from '../../../src/peer/mod.ts'
import { realTiming, type Timing } from '../../../src/peer/shared/timing.ts'
import { BinaryClient } from '../../fixture/client.ts'
import { startTcpProxy } from '../../fixture/tcp-proxy.ts'
import { until } from '../../fixture/until.ts'
import { fakeWrtc } from '../fixture/fake-wrtc.ts'

const { wrtc } = fakeWrtc()
const differ = { name: 'SignalError', code: 'forbidden', reason: 'restrictions-differ' }

async function setUp(t: Test) {
  const start = () => serve({ port: 0, resumeGrace: 1 })
  let server = await start()
  const proxy = await startTcpProxy(server.port)
  t.teardown(() => {
    proxy.close()
    return server.close()
  })
  return {
    proxy,
    /** Returns the ids of the peers in a room. */
    peersOf: (uuid: number) => [...(server.service.rooms.get(uuid)?.peers.keys() ?? [])],
    /** Starts another server in place of the first. Users behind the proxy cannot reach it yet. */
    async restart() {
      proxy.refusing = true
      await server.close()
      server = await start()
      proxy.target = server.port
    },
    /** Connects a user of the companion behind the proxy. */
    async person(changes: Partial<Timing> = {}): Promise<Session> {
      const timing = { ...realTiming, shortest: 20, longest: 200, ...changes }
      const session = await connectTimed(`ws://127.0.0.1:${proxy.port}/signal`, { wrtc }, timing)
      t.teardown(() => session.close())
      return session
    },
    /** Connects an eavesdropper that is in the room "lab" before anybody else. */
    async eavesdropper(): Promise<BinaryClient> {
      const eve = await BinaryClient.open(signalOf(server))
      t.teardown(() => eve.close())
      await eve.join('lab')
      return eve
    },
  }
}

const signalOf = ({ url }: RunningServer) => `${url.replace('http', 'ws')}signal`
const met = ({ inbox }: BinaryClient) => inbox.filter(([op]) => op === Op.connect)

t.test('a user that asks for restrictions does not enter the room of an eavesdropper', async (t) => {
  const { person, eavesdropper } = await setUp(t)
  const eve = await eavesdropper()
  const ann = await person()
  await t.rejects(ann.join('lab', { create: true, users: ['ann'], max: 2 }), differ)
  await t.rejects(ann.join('lab', { max: 2 }), differ)
  await eve.request(Op.rooms, null)
  t.strictSame(met(eve), [])
})

t.test('after a restart of the server, a rejoin does not enter the room of an eavesdropper', async (t) => {
  const { person, eavesdropper, restart, proxy } = await setUp(t)
  const ann = await person({ rejoin: 500 })
  const room = await ann.join('lab', { create: true, max: 2 })
  const open = await ann.join('hall', { create: true })
  const errors: unknown[] = []
  ann.addEventListener('error', ({ detail }) => errors.push(detail))
  await restart()
  const eve = await eavesdropper()
  proxy.refusing = false
  await until(() => room.closed)
  t.match(errors, [differ])
  t.match({ state: ann.state, open: open.closed }, { state: 'connected', open: false })
  await eve.request(Op.rooms, null)
  t.strictSame(met(eve), [])
})

t.test('a room that its owner has restricted is restricted after a restart too', async (t) => {
  const { person, restart, proxy } = await setUp(t)
  const ann = await person()
  const room = await ann.join('lab', { create: true })
  await room.restrict({ max: 1 })
  const { uuid } = room
  await restart()
  proxy.refusing = false
  await until(() => room.uuid !== uuid)
  t.match(await ann.rooms(), [{ name: 'lab', restrictions: { max: 1 }, initiator: ann.id }])
})

t.test('an owner returns to its room after a fresh start, and after a reload of its page', async (t) => {
  const { person, proxy, peersOf } = await setUp(t)
  const ann = await person()
  const room = await ann.join('lab', { create: true, max: 2 })
  const { uuid } = room
  const { id } = ann
  proxy.refusing = true
  proxy.cut()
  await until(() => peersOf(uuid).length === 0)
  proxy.refusing = false
  await until(() => peersOf(uuid).includes(ann.id) && ann.id !== id)
  t.match(room, { uuid, closed: false })

  ann.close()
  await until(() => peersOf(uuid).length === 0)
  const again = await person()
  const next = await again.join('lab', { create: true, max: 2 })
  t.match(await again.rooms(), [{ uuid: next.uuid, initiator: again.id, restrictions: { max: 2 } }])
})
