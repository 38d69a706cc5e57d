import t from 'tap'
import { Op, type RoomInfo } from '../../../mod.ts'
import { realTiming } from '../../../src/peer/shared/timing.ts'
import { Signaling } from '../../../src/peer/signaling/signaling.ts'
import { seeded } from '../../fixture/seeded.ts'
import { commands, startServer, type TestServer } from '../../fixture/server.ts'
import { type Cut, startTcpProxy } from '../../fixture/tcp-proxy.ts'
import { until } from '../../fixture/until.ts'

/**
 * Two companions exchange messages while their connections are cut at random bytes. No message may be lost or doubled.
 * This is the total number of cuts.
 */
const CUTS = Number(process.env.SIGNALING_CUTS ?? 100)
const seeds = [11, 12]
t.setTimeout(600_000)
t.jobs = seeds.length
/** Most relays in flight to either companion. */
const WINDOW = 200

let server: TestServer
t.before(async () => {
  server = await startServer(commands.bun)
})
t.after(() => server.stop())

for (const seed of seeds) {
  t.test(`cut connections lose and double no message, seed ${seed}`, async (t) => {
    const random = seeded(seed)
    let planned = 0
    const nextCut = (): Cut | undefined => {
      if (planned++ >= CUTS / seeds.length) return undefined
      const bytes = 1 + Math.floor(random() ** 2 * (random() < 0.5 ? 3_000 : 100_000))
      return { bytes, silence: random() < 0.25 ? random() * 100 : 0 }
    }
    const proxy = await startTcpProxy(Number(new URL(server.url).port), nextCut)
    const url = `ws://127.0.0.1:${proxy.port}/signal`
    const [one, other] = [await talker(url, random), await talker(url, random)]
    t.teardown(() => {
      one.signaling.close()
      other.signaling.close()
      proxy.close()
    })
    const room = { room: { name: `cuts ${seed}` }, create: true }
    const { uuid } = (await one.signaling.request('connect', room)) as RoomInfo
    await other.signaling.request('connect', room)
    while (proxy.cuts < CUTS / seeds.length) {
      one.say(other)
      other.say(one)
      await new Promise((resolve) => setTimeout(resolve, random() * 4))
    }
    for (const [talker, listener] of [
      [one, other],
      [other, one],
    ] as const) {
      await Promise.all(talker.requests)
      await until(
        () => listener.heard.length >= talker.said,
        () => `seed ${seed}: ${listener.heard.length} of ${talker.said} came`,
      )
      t.strictSame(
        listener.heard,
        Array.from({ length: talker.said }, (_, n) => n),
        `seed ${seed}: once and in order`,
      )
      t.strictSame(talker.wrong, [], `seed ${seed}`)
      t.ok(talker.resumes > 0)
      t.equal(talker.signaling.dropped, 0)
    }
    const { data } = (await one.signaling.request('rooms', null)) as { data: RoomInfo[] }
    t.match(
      data.filter((room) => room.uuid === uuid),
      [{ peers: [one.id, other.id] }],
    )
    t.ok(proxy.cuts >= CUTS / seeds.length, `seed ${seed}: ${proxy.cuts} cuts, ${one.said + other.said} relays`)
  })
}

interface Talker {
  signaling: Signaling
  id: number
  said: number
  heard: number[]
  requests: Promise<unknown>[]
  resumes: number
  /** Events that must not happen. */
  wrong: string[]
  say(to: Talker): void
}

async function talker(url: string, random: () => number): Promise<Talker> {
  let waiting = 0
  const ask = (answer: Promise<unknown>) => {
    waiting++
    talker.requests.push(answer.finally(() => waiting--))
  }
  const talker: Omit<Talker, 'signaling'> = {
    id: 0,
    said: 0,
    heard: [],
    requests: [],
    resumes: 0,
    wrong: [],
    say(to) {
      for (let i = random() * 16; i > 0 && talker.said - to.heard.length < WINDOW; i--) {
        const filler = 'x'.repeat(random() < 0.01 ? 70_000 : random() * 500)
        signaling.relay('data', to.id, { n: talker.said++, filler })
      }
      if (waiting < WINDOW && random() < 0.2) ask(signaling.request('rooms', null))
      if (waiting < WINDOW && random() < 0.1) {
        // The server rejects this request, but must answer it.
        const refused = signaling.request('disconnect', { uuid: 1 }).then(
          () => talker.wrong.push('left a room that is none'),
          ({ code }) => code === 'not-in-room' || talker.wrong.push(code),
        )
        ask(refused)
      }
    },
  }
  const options = {
    url,
    Socket: WebSocket,
    reconnect: true,
    renewable: false,
    hello: async () => ({}),
    timing: { ...realTiming, random, shortest: 5, longest: 50 },
    event(op: number) {
      if (op === Op.disconnectPeer) talker.wrong.push('a peer left')
    },
    relay: (_: string, __: number, body: unknown) => void talker.heard.push((body as { n: number }).n),
    refused: ({ code }: { code: string }) => void talker.wrong.push(code),
    greeted({ id, recovered }: { id: number; recovered: boolean }) {
      if (recovered) talker.resumes++
      else if (talker.id !== 0) talker.wrong.push('a fresh start')
      talker.id = id
    },
    reconnecting() {},
    closed: ({ code }: { code: number }) => void (code === 1000 || talker.wrong.push(`closed with ${code}`)),
  }
  // The first connection can be cut like any other, and the companion does not repeat it.
  let signaling = new Signaling(options)
  for (let opened = false; !opened; ) {
    opened = await signaling.open(undefined).then(
      () => true,
      () => false,
    )
    if (!opened) signaling = new Signaling(options)
  }
  talker.wrong.length = 0
  return Object.assign(talker, { signaling })
}
t.end()
