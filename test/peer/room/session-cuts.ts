import t, { type Test } from 'tap'
import { Op } from '../../../mod.ts'
import { type ConnectOptions, connectTimed } from '../../../src/peer/connect.ts'
import type { Membership, Session, Wrtc } from '../../../src/peer/mod.ts'
import { realTiming, type Timing } from '../../../src/peer/shared/timing.ts'
import { BinaryClient } from '../../fixture/client.ts'
import { commands, startServer, type TestServer } from '../../fixture/server.ts'
import { startTcpProxy, type TcpProxy } from '../../fixture/tcp-proxy.ts'
import { until } from '../../fixture/until.ts'

/** Tests sessions with a real server that lose their connections in different ways. */
t.setTimeout(600_000)
// Each test has its own proxy to the server and mostly waits.
t.jobs = 4

/** The real timing, but with short delays. */
const timing: Timing = { ...realTiming, shortest: 20, longest: 200 }

/** Undefined on platforms without WebRTC. Peers then have no links. */
const wrtc: Wrtc | undefined = await import('@roamhq/wrtc').then(
  (module) => (module as { default: Wrtc }).default,
  () => undefined,
)
const needsWebRtc = wrtc === undefined && 'needs WebRTC: @roamhq/wrtc has none for this platform'

interface Network {
  server: TestServer
  proxy: TcpProxy
  /** Stops the server and starts another one behind the same proxy. */
  restart(signal: NodeJS.Signals): Promise<void>
  person(options?: ConnectOptions, timing?: Timing): Promise<Person>
}

interface Person {
  session: Session
  /** Events of the session: codes of lost connections, and how it continued. */
  log: (string | number)[]
}

let shared: TestServer
t.before(async () => {
  shared = await startServer(commands.bun)
})
t.after(() => shared.stop())

/** Starts a proxy to a new server with these arguments, or without arguments to the shared server. */
async function network(t: Test, args?: string[]): Promise<Network> {
  const start = () => startServer(commands.bun, ['--port', '0', ...(args ?? [])])
  const portOf = ({ url }: TestServer) => Number(new URL(url).port)
  let server = args === undefined ? shared : await start()
  const proxy = await startTcpProxy(portOf(server))
  t.teardown(async () => {
    proxy.close()
    if (server !== shared) await server.stop()
  })
  return {
    get server() {
      return server
    },
    proxy,
    async restart(signal) {
      await server.stop(signal)
      server = await start()
      proxy.target = portOf(server)
    },
    async person(options = {}, pace = timing) {
      const session = await connectTimed(`ws://127.0.0.1:${proxy.port}/signal`, { wrtc, ...options }, pace)
      t.teardown(() => session.close())
      const log: Person['log'] = []
      session.addEventListener('reconnecting', ({ detail }) => log.push(detail.code))
      session.addEventListener('resumed', ({ detail }) => log.push(detail.recovered ? 'recovered' : 'afresh'))
      session.addEventListener('close', ({ detail }) => log.push(`close ${detail.code}`))
      session.addEventListener('error', ({ detail }) => log.push(detail.message))
      return { session, log }
    },
  }
}

const resumes = ({ log }: Person) => log.filter((line) => line === 'recovered' || line === 'afresh').length

t.test('a session resumes after a cut, loses nothing, and others notice nothing', { skip: needsWebRtc }, async (t) => {
  const { proxy, person, server } = await network(t, [])
  const ada = await person()
  const guest = await BinaryClient.open(server.signal)
  t.teardown(() => guest.close())
  const { id } = ada.session
  const room = await ada.session.join('lab', { create: true })
  await guest.join('lab')
  const added: string[] = []
  ada.session.addEventListener('roomadded', ({ detail }) => added.push(detail.name))
  // The answer shows that the session is subscribed.
  await ada.session.rooms()
  for (let i = 0; i < 10; i++) {
    proxy.refusing = true
    proxy.cut()
    await until(() => ada.session.state === 'reconnecting')
    const asked = ada.session.rooms()
    await guest.request(Op.createroom, { name: `made meanwhile ${i}` })
    proxy.refusing = false
    t.equal((await asked).length, i + 2)
    await until(() => resumes(ada) === i + 1)
  }
  t.strictSame(
    added,
    Array.from({ length: 10 }, (_, i) => `made meanwhile ${i}`),
  )
  t.match(ada.session, { id, state: 'connected' })
  t.strictSame(
    ada.log.filter((line) => line !== 1006),
    Array(10).fill('recovered'),
  )
  t.match({ closed: room.closed, peers: [...room.peers.keys()] }, { closed: false, peers: [guest.id] })
  t.strictSame(
    guest.inbox.filter(([op]) => op === Op.disconnectPeer),
    [],
  )
})

t.test('past the grace time the session starts afresh and rejoins its rooms', { skip: needsWebRtc }, async (t) => {
  const { proxy, person, server } = await network(t, ['--resume-grace', '1'])
  const ada = await person({ info: { name: 'Ada' } })
  const guest = await BinaryClient.open(server.signal)
  t.teardown(() => guest.close())
  const room = await ada.session.join('lab', { create: true, info: { hand: 'left' } })
  await guest.join('lab')
  const { id } = ada.session
  proxy.refusing = true
  proxy.cut()
  await guest.take(([op]) => op === Op.disconnectPeer)
  proxy.refusing = false
  const [, arrival] = await guest.take(
    ([op, body]) => op === Op.connect && (body as { id: number }).id === ada.session.id && ada.session.id !== id,
  )
  t.match(arrival, { info: { name: 'Ada', hand: 'left' }, room: room.uuid })
  await until(() => room.peers.has(guest.id))
  t.equal(ada.log.at(-1), 'afresh')
  t.match({ closed: room.closed, peers: [...room.peers.keys()] }, { closed: false, peers: [guest.id] })
})

t.test('sessions rejoin their rooms after a restart of the server', { skip: needsWebRtc }, async (t) => {
  const { restart, person } = await network(t, [])
  const [ada, bob] = [await person(), await person()]
  const made = await ada.session.join('lab', { create: true, max: 2 })
  const joined = await bob.session.join('lab')
  const alone = await bob.session.join('alone', { create: true })
  const together = () =>
    made.uuid === joined.uuid &&
    [...made.peers.keys()].join() === `${bob.session.id}` &&
    [...joined.peers.keys()].join() === `${ada.session.id}`
  await until(together)
  for (const [signal, code] of [
    ['SIGTERM', 1012],
    ['SIGKILL', 1006],
  ] as const) {
    const before = { room: made.uuid, alone: alone.uuid, ada: ada.session.id }
    ada.log.length = 0
    await restart(signal)
    await until(() => made.uuid !== before.room && alone.uuid !== before.alone && together())
    t.equal(ada.log[0], code, signal)
    t.equal(ada.log.at(-1), 'afresh')
    t.not(ada.session.id, before.ada)
    t.match([made, joined, alone], [{ closed: false }, { closed: false }, { closed: false }])
    t.match(
      (await ada.session.rooms()).map(({ name, restrictions, peers }) => [name, restrictions.max, peers.length]).sort(),
      [
        ['alone', undefined, 1],
        ['lab', 2, 2],
      ],
    )
  }
})

t.test('a silent connection is detected as lost and replaced', async (t) => {
  const { proxy, person } = await network(t)
  const pace = { ...timing, silence: 300, pong: 300 }
  const ada = await person({}, pace)
  const { id } = ada.session
  // The next connection has the real timeouts.
  ada.session.addEventListener('reconnecting', () => Object.assign(pace, realTiming), { once: true })
  proxy.mute()
  await ada.session.rooms()
  t.match(ada, { session: { id, state: 'connected' }, log: [4002, 'recovered'] })
})

t.test('an old resume token is useless, and theft of the newest one is noticed', async (t) => {
  const { proxy, person, server } = await network(t)
  const tokens: string[] = []
  const ada = await person({ WebSocket: tokenReader(tokens) })
  const { id } = ada.session
  proxy.cut()
  await until(() => resumes(ada) === 1)
  await ada.session.rooms()
  const steal = async (token: string) => {
    const thief = await BinaryClient.open(server.signal)
    t.teardown(() => thief.close())
    const [, , answer] = await thief.request(Op.hello, { resume: { token, received: 0 } })
    thief.send([Op.ping, 0])
    return { thief, answer }
  }
  t.equal(tokens.length, 2)
  t.match((await steal(tokens[0] as string)).answer, { recovered: false }, 'an old token does not resume the session')
  t.match(ada.session, { id, state: 'connected' })

  const { answer } = await steal(tokens[1] as string)
  t.match(answer, { id, recovered: true }, 'the newest token resumes the session')
  await until(() => resumes(ada) === 2)
  t.strictSame(ada.log, [1006, 'recovered', 4000, 'afresh'], 'the session that lost its token is notified')
  t.not(ada.session.id, id)
})

/** Returns a WebSocket class that collects the tokens from the server. */
function tokenReader(tokens: string[]): NonNullable<ConnectOptions['WebSocket']> {
  return class extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      this.addEventListener('message', ({ data }) => {
        // msgpack of {token: <32 characters>}
        const text = String.fromCharCode(...new Uint8Array(data as ArrayBuffer))
        const found = /\xa5token\xd9\x20([\w-]{32})/.exec(text)?.[1]
        if (found !== undefined) tokens.push(found)
      })
    }
  }
}

t.test('the token function runs for each connection, and a new identity has a new session', async (t) => {
  const { proxy, person } = await network(t)
  let identity = 'ada'
  let asked = 0
  const token = async () => {
    asked++
    return identity
  }
  const ada = await person({ token })
  await ada.session.join('hers', { create: true, users: ['ada'] })
  proxy.cut()
  await until(() => resumes(ada) === 1)
  identity = 'bob'
  proxy.cut()
  await until(() => resumes(ada) === 2)
  t.match({ asked, log: ada.log.filter((line) => line !== 1006) }, { asked: 3, log: ['recovered', 'afresh'] })
})

/** session-reconnect.ts tests the duration, on a fake clock. */
t.test('interrupt() disconnects the session, which then resumes', async (t) => {
  const { person, proxy } = await network(t)
  const ada = await person()
  ada.session.interrupt(0.1)
  t.equal(ada.session.state, 'reconnecting')
  await ada.session.rooms()
  t.strictSame(ada.log, [4001, 'recovered'])
  t.equal(proxy.cuts, 0)
})

t.test('a session that is closed while disconnected leaves no timers', async (t) => {
  const { person, proxy } = await network(t)
  const timers = new Set<object>()
  const after: Timing['after'] = (ms, callback) => {
    const timer = {}
    timers.add(timer)
    const cancel = timing.after(ms, () => {
      timers.delete(timer)
      callback()
    })
    return () => {
      timers.delete(timer)
      cancel()
    }
  }
  const ada = await person({}, { ...timing, after })
  proxy.refusing = true
  proxy.cut()
  await until(() => ada.log.length > 3)
  const waiting = ada.session.rooms()
  ada.session.close()
  await t.rejects(waiting, { code: 'closed' })
  t.equal(ada.log.at(-1), 'close 1000')
  const lines = ada.log.length
  t.equal(timers.size, 0, 'no further attempt is planned')
  // Once another session is connected, all earlier attempts have ended.
  proxy.refusing = false
  await (await person()).session.rooms()
  t.equal(ada.log.length, lines)
})

t.test('streams survive a restart of the server on links that stay open', { skip: needsWebRtc }, async (t) => {
  const { person, restart } = await network(t, [])
  const [ada, bob] = [await person(), await person()]
  const hers: Membership = await ada.session.join('lab', { create: true })
  const his = await bob.session.join('lab')
  const heard: unknown[] = []
  const came: string[] = []
  his.addEventListener('peerleave', () => came.push('peerleave'))
  his.addEventListener('peer', ({ detail: peer }) => {
    came.push('peer')
    peer.addEventListener('stream', ({ detail: stream }) => {
      stream.getDataTracks()[0]?.subscribe((values) => heard.push(...values))
    })
  })
  const publication = hers.publish({ name: 'count', format: 'int32' })
  let n = 0
  const timer = setInterval(() => publication.push([++n]), 20)
  t.teardown(() => clearInterval(timer))
  await until(() => heard.length > 10)
  await restart('SIGTERM')
  await until(() => hers.uuid === his.uuid && resumes(ada) > 0 && resumes(bob) > 0)
  const before = heard.length
  await until(() => heard.length > before + 10)
  t.strictSame(
    heard,
    Array.from(heard, (_, i) => Number(heard[0]) + i),
    'no sample is missing, and none comes twice',
  )
  t.strictSame(came, ['peer'])
  t.ok(his.peers.has(ada.session.id))
})

t.end()
