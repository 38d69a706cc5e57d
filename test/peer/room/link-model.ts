import fc from 'fast-check'
import t from 'tap'
import type { LinkedPeer } from '../../../src/peer/room/linked-peer.ts'
import { FakeRoom, type Inside } from '../fixture/fake-room.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const RUNS = Number(process.env.MODEL_RUNS ?? 400)

t.setTimeout(600_000)

/** Seconds after the last fault until every pair must be linked: the longest delay and two attempts. */
const RECOVERY_TIME = 30 + 2 * (20 + 30)

const peerOf = ({ membership }: Inside): LinkedPeer => [...membership.peers.values()][0] as LinkedPeer

interface History {
  signals: readonly (readonly number[])[]
  messages: readonly boolean[]
  breaks: readonly (readonly [string, number])[]
  old: readonly number[]
  modern: readonly number[]
  prepares: number | undefined
}

/** The delays, in ms, of the copies of one signal. An empty list means that the signal is lost. */
const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constant([0]) },
  { weight: 3, arbitrary: fc.constant([] as number[]) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 3 }) },
)

/** Faults of a pair's network. After them every message arrives, once and without delay. */
const history = fc.record({
  /** One entry for each signal, in the order of sending. */
  signals: fc.array(fate, { maxLength: 24 }),
  /** Whether each message on a main channel is lost. The first one of a link says what its sender requests. */
  messages: fc.array(fc.boolean(), { maxLength: 8 }),
  /** Broken links and network outages, each with the seconds before it. */
  breaks: fc.array(fc.tuple(fc.constantFrom('hang up', 'disconnect', 'down', 'up'), fc.integer({ min: 0, max: 40 })), {
    maxLength: 6,
  }),
  /** The peers that request nothing ahead, as clients of an earlier draft do. */
  old: fc.subarray([1, 2]),
  /** The peers without support for clients before version 1, as in most apps. */
  modern: fc.subarray([1, 2]),
  /**
   * How many ms before its first link Bob prepares a connection; undefined for none. At 0 ms the link takes it before
   * its offer is ready.
   */
  prepares: fc.constantFrom(undefined, 0, 10),
})

/** @returns why the peers are not linked, or undefined if they are */
async function whyNotLinked(
  time: VirtualTime,
  { signals, messages, breaks, old, modern, prepares }: History,
): Promise<string | undefined> {
  const room = new FakeRoom()
  room.prepares = prepares
  // Clock probes do not affect links, and would be most of the messages.
  room.fake.opensSideChannels = false
  const fates = [...signals]
  const losses = [...messages]
  room.old = new Set(old)
  room.modern = new Set(modern)
  room.delays = () => fates.shift() ?? [0]
  room.fake.loses = () => losses.shift() ?? false
  const [ada, bob] = [room.enter(1), room.enter(2)]
  try {
    for (const [what, seconds] of breaks) {
      await time.pass(seconds)
      const newest = room.fake.connections.findLast(({ other }) => other !== undefined)
      if (what === 'hang up') newest?.hangUp(newest.other as never)
      else if (what === 'disconnect') newest?.ice('disconnected')
      else room.fake.isUp = what === 'up'
    }
    room.fake.isUp = true
    fates.length = 0
    losses.length = 0
    // Delays are at most 40 s, so no message is in flight after this.
    await time.pass(41)
    const isWell = () =>
      [ada, bob].every(
        (one) => peerOf(one)?.state === 'connected' && one.log.some((line) => line.startsWith('connect')),
      )
    if (!(await time.until(isWell, RECOVERY_TIME))) {
      return JSON.stringify([ada.log, bob.log, [ada, bob].map((one) => peerOf(one)?.state), room.relayed.map(brief)])
    }
    // A link is well only if samples arrive over it.
    const heard: unknown[] = []
    peerOf(bob).addEventListener('stream', ({ detail }) => {
      detail.getDataTracks()[0]?.subscribe((values) => heard.push(...values))
    })
    ada.membership.publish({ name: 'one', format: 'int8' }).push([7])
    return (await time.until(() => heard.length === 1, 1)) ? undefined : 'no sample came'
  } finally {
    room.close()
  }
}

const brief = ({ from, name, body }: { from: number; name: string; body: Record<string, unknown> }) =>
  `${from} ${name === 'signal' ? body.type : name} ${body.attempt ?? 0}`

t.test(`lost, late and repeated signals never keep a pair apart for good: ${RUNS} histories`, async (t) => {
  const time = new VirtualTime()
  time.install()
  try {
    await fc.assert(
      fc.asyncProperty(history, async (happened) => {
        const why = await whyNotLinked(time, happened)
        if (why !== undefined) throw new Error(why)
      }),
      { numRuns: RUNS },
    )
    t.pass()
  } finally {
    time.uninstall()
  }
})
