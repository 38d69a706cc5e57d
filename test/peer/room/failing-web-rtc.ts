import fc from 'fast-check'
import t from 'tap'
import { LegacyLinks } from '../../../src/peer/legacy/legacy-links.ts'
import type { LinkedPeer } from '../../../src/peer/room/linked-peer.ts'
import { FakeRoom, type Inside } from '../fixture/fake-room.ts'
import { fakeWrtc } from '../fixture/fake-wrtc.ts'
import { linksOptions } from '../fixture/links-options.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const RUNS = Number(process.env.MODEL_RUNS ?? 400)

t.setTimeout(600_000)

/** Node has no MediaStream, but a publication of audio or video needs one. */
class FakeMediaStream {
  readonly id = `stream ${Math.random()}`
  readonly #tracks = new Set<object>()
  addTrack = (track: object) => void this.#tracks.add(track)
  removeTrack = (track: object) => void this.#tracks.delete(track)
  getTracks = () => [...this.#tracks]
}
class FakeMediaTrack extends EventTarget {
  readonly kind = 'audio'
  readonly enabled = true
  readonly id = `track ${Math.random()}`
  readonly readyState = 'live'
  stop(): void {}
}

const METHODS = [
  'RTCPeerConnection',
  'createDataChannel',
  'createOffer',
  'createAnswer',
  'setLocalDescription',
  'setRemoteDescription',
  'addIceCandidate',
  'send',
  'addTrack',
  'removeTrack',
  'getStats',
  'setConfiguration',
  'restartIce',
  'close',
] as const

const peersOf = ({ membership }: Inside): LinkedPeer[] => [...membership.peers.values()]

/** What peers do while every call into WebRTC may throw. */
const action = fc.constantFrom(
  'push',
  'publish',
  'media',
  'end',
  'stats',
  'text',
  'disconnect',
  'leave',
  'come',
  'wait',
)
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never

/** How many ms before its first link each member prepares a connection; undefined for none. */
type Preparation = number | undefined
/** At 0 ms a link takes the connection before its offer is ready, and at 10 ms after that. */
const PREPARATIONS: readonly Preparation[] = [undefined, 0, 10]

interface History {
  actions: readonly Action[]
  /** Whether the first link opens before calls begin to fail. */
  linked: boolean
  prepares: Preparation
  mayFail(method: string): void
}

const closedError = (method: string) => new DOMException(`${method}: the connection is closed`, 'InvalidStateError')

/** @param odds the probability, 0 to 1, that a call throws; an asynchronous method rejects instead */
function atRandom(seed: number, odds: number): History['mayFail'] {
  let state = seed
  // xorshift, so that a failing history can be repeated.
  const random = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  return (method) => {
    if (random() < odds) throw closedError(method)
  }
}

/** Runs in virtual time, with a MediaStream. tap fails on uncaught errors and unhandled rejections. */
async function virtually(run: (time: VirtualTime) => Promise<void>): Promise<void> {
  const time = new VirtualTime()
  const { MediaStream: native } = globalThis
  Object.assign(globalThis, { MediaStream: FakeMediaStream })
  time.install()
  try {
    await run(time)
  } finally {
    time.uninstall()
    Object.assign(globalThis, { MediaStream: native })
  }
}

/** Plays a history. Throws if two peers cannot connect afterwards. */
async function survives(time: VirtualTime, { actions, linked, prepares, mayFail }: History): Promise<void> {
  const room = new FakeRoom()
  room.prepares = prepares
  if (!linked) room.fake.mayFail = mayFail
  const ada = room.enter(1)
  let bob = room.enter(2)
  const isWell = () => [ada, bob].every((one) => peersOf(one).some(({ state }) => state === 'connected'))
  if (linked) await time.until(isWell, 1)
  room.fake.mayFail = mayFail
  let id = 2
  const publications = [ada.membership.publish({ name: 'numbers', format: 'int32' })]
  const media: { stop(): void }[] = []
  const asked: Promise<unknown>[] = []
  const act: Record<Action, () => void> = {
    push: () => publications.at(-1)?.push([1, 2, 3]),
    publish: () => publications.push(ada.membership.publish({ name: 'more', format: 'int32' })),
    text: () => {
      // publish() throws for a member that has left.
      if (!bob.membership.closed) bob.membership.publish({ name: 'text', format: 'string' }).push(['x'.repeat(1_000)])
    },
    media: () => media.push(ada.membership.publish(new FakeMediaTrack() as unknown as MediaStreamTrack)),
    end: () => (media.pop() ?? publications.pop())?.stop(),
    stats: () => asked.push(...[ada, bob].flatMap(peersOf).map((peer) => peer.stats())),
    disconnect: () => {
      for (const connection of room.fake.connections.slice(-2)) connection.ice('disconnected')
    },
    leave: () => {
      room.leave(bob)
      bob.membership.close()
    },
    come: () => {
      act.leave()
      bob = room.enter(++id)
    },
    wait: () => {},
  }
  for (const name of actions) {
    act[name]()
    await time.pass(name === 'wait' ? 3 : 0.01)
  }
  await Promise.all(asked)
  room.fake.mayFail = () => {}
  act.come()
  const isBack = await time.until(isWell, 120)
  room.close()
  await time.pass(1)
  if (!isBack) throw new Error(JSON.stringify([ada.log, bob.log]))
}

t.test(`errors of WebRTC calls never escape, and links recover: ${RUNS} histories`, async (t) => {
  const history = fc.record({
    actions: fc.array(action, { maxLength: 30 }),
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    odds: fc.double({ min: 0.02, max: 0.6, noNaN: true }),
    linked: fc.boolean(),
    prepares: fc.constantFrom(...PREPARATIONS),
  })
  await virtually(async (time) => {
    const property = fc.asyncProperty(history, ({ actions, seed, odds, linked, prepares }) =>
      survives(time, { actions, linked, prepares, mayFail: atRandom(seed, odds) }),
    )
    await fc.assert(property, { numRuns: RUNS })
  })
  t.pass()
})

/** Actions that together call every WebRTC method. */
const everything: readonly Action[] = [
  'push',
  'text',
  'media',
  'wait',
  'stats',
  'end',
  'wait',
  'disconnect',
  'come',
  'wait',
]

for (const [method, prepares] of METHODS.flatMap((method) => PREPARATIONS.map((ms) => [method, ms] as const))) {
  const how = prepares === undefined ? '' : `, with connections that are prepared ${prepares} ms before`
  t.test(`links recover when any call of ${method} throws${how}`, async (t) => {
    await virtually(async (time) => {
      let wasCalled = 0
      for (let nth = 1; nth <= 4; nth++) {
        let calls = 0
        const mayFail = (called: string) => {
          if (called === method && ++calls === nth) throw closedError(method)
        }
        await survives(time, { actions: everything, linked: false, prepares, mayFail })
        if (calls >= nth) wasCalled++
      }
      t.ok(wasCalled > 0, `it threw in ${wasCalled} histories`)
    })
  })
}

t.test('links to old clients survive failing calls and send their offer again', async (t) => {
  const time = new VirtualTime()
  time.install()
  t.teardown(() => time.uninstall())
  const fake = fakeWrtc()
  const offers: unknown[] = []
  // In attempt n, call n fails. This covers all calls that an offer needs.
  let [attempt, calls] = [1, 0]
  fake.mayFail = (method) => {
    if (method === 'close' || attempt > 4 || ++calls < attempt) return
    attempt++
    calls = 0
    throw closedError(method)
  }
  const told: string[] = []
  const links = new LegacyLinks(
    linksOptions({
      number: 1,
      initiator: true,
      wrtc: fake.wrtc,
      signal: (name, body) => offers.push([name, body]),
      recovering: ({ cause, step }) => told.push(`${cause} ${step}`),
      failed: (error) => t.fail(error.message),
    }),
    true,
  )
  t.ok(await time.until(() => offers.length > 0, 120))
  t.equal(attempt, 5, 'every attempt failed but the last')
  t.match(told[0], 'failed rebuild')
  links.receive('candidate', { candidate: 'x', sdpMid: '0', sdpMLineIndex: 0 })
  links.close()
  await time.pass(60)
})
