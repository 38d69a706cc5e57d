import fc from 'fast-check'
import t from 'tap'
import { CONNECT_TIMEOUT, MOST_DELAY, REQUEST_TIMEOUT, Recovery, STABLE } from '../../../src/peer/link/recovery.ts'

/** Creates a Recovery on a fake clock, with a log of its actions and events. */
function setUp({ createsLinks = true, hasRelay = false, random = 1 } = {}) {
  let time = 1_000
  let timer: { at: number; callback: () => void } | undefined
  const log: string[] = []
  const recovery = new Recovery({
    createsLinks,
    hasRelay,
    now: () => time,
    after(seconds, callback) {
      const mine = { at: time + seconds, callback }
      timer = mine
      return () => {
        if (timer === mine) timer = undefined
      }
    },
    random: () => random,
    restart: () => log.push('restart'),
    close: () => log.push('close'),
    rebuild: (relayed) => log.push(relayed ? 'build relayed' : 'build'),
    recovering: ({ cause, step, attempt, delay }) =>
      log.push(`${cause}: ${step} ${attempt}${delay === 0 ? '' : ` in ${delay}`}`),
    recovered: ({ seconds, step }) => log.push(`recovered by ${step} after ${seconds}`),
  })
  const pass = (seconds: number) => {
    const end = time + seconds
    for (let due = timer; due !== undefined && due.at <= end; due = timer) {
      timer = undefined
      time = due.at
      due.callback()
    }
    time = end
  }
  return { recovery, log, pass, taken: () => log.splice(0), isIdle: () => timer === undefined }
}

t.test('a connection that opens in time emits nothing', async (t) => {
  const { recovery, log, pass, isIdle } = setUp()
  pass(CONNECT_TIMEOUT - 0.1)
  recovery.connected()
  t.ok(isIdle())
  pass(1_000)
  t.strictSame(log, [])
})

t.test('the first step after a lost route is an ICE restart', async (t) => {
  const { recovery, pass, taken } = setUp()
  recovery.connected()
  recovery.disconnected()
  recovery.disconnected()
  t.strictSame(taken(), ['disconnected: restart 1', 'restart'])
  pass(3)
  recovery.reconnected()
  t.strictSame(taken(), ['recovered by restart after 3'])
  pass(1_000)
  t.strictSame(taken(), [])
  recovery.reconnected()
  t.strictSame(taken(), [], 'a route that was never lost')
})

t.test('the next steps are new connections, in turns over TURN and any route, with growing delays', async (t) => {
  const { recovery, pass, taken } = setUp({ hasRelay: true })
  recovery.connected()
  pass(STABLE)
  recovery.disconnected()
  taken()
  pass(CONNECT_TIMEOUT)
  const steps = ['relay', 'rebuild', 'relay', 'rebuild', 'relay', 'rebuild', 'relay', 'rebuild', 'relay']
  const delays = [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
  for (const [i, delay] of delays.entries()) {
    const step = steps[i] as string
    const built = step === 'relay' ? 'build relayed' : 'build'
    // A step within 1 s is announced when it happens, a later step at once.
    if (delay > 1) t.strictSame(taken(), ['close', `timeout: ${step} ${i + 1} in ${delay}`])
    else t.strictSame(taken(), ['close'])
    pass(delay - 0.01)
    t.strictSame(taken(), [], `waits ${delay} s`)
    pass(0.01)
    t.strictSame(taken(), delay > 1 ? [built] : [`timeout: ${step} ${i + 1}`, built])
    pass(CONNECT_TIMEOUT)
  }
  pass(MOST_DELAY)
  taken()
  recovery.connected()
  t.match(taken(), [/^recovered by rebuild after/])
  pass(STABLE)
  recovery.lost('failed')
  pass(0.5)
  t.strictSame(taken(), ['close', 'failed: relay 1', 'build relayed'], 'the delays start again')
})

t.test('half of each delay is random, and links that fail soon after they open increase the delay', async (t) => {
  const { recovery, pass, taken } = setUp({ random: 0 })
  recovery.connected()
  const waited: number[] = []
  for (let round = 0; round < 4; round++) {
    pass(STABLE - 0.5)
    taken()
    recovery.lost('failed')
    let seconds = 0
    for (; taken().every((line) => line !== 'build'); seconds += 0.25) pass(0.25)
    waited.push(seconds)
    recovery.connected()
  }
  t.strictSame(waited, [0.25, 0.5, 1, 2])
})

t.test('failures before the next attempt count once', async (t) => {
  const { recovery, pass, taken } = setUp()
  recovery.lost('failed')
  recovery.lost('asked')
  recovery.lost('timeout')
  recovery.disconnected()
  t.ok(recovery.isWaiting)
  pass(0.5)
  t.strictSame(taken(), ['close', 'failed: rebuild 1', 'build'])
  t.notOk(recovery.isWaiting)
})

t.test('the side that requests waits longer than the initiator, and accepts any offer', async (t) => {
  const { recovery, pass, taken } = setUp({ createsLinks: false })
  pass(REQUEST_TIMEOUT - 0.1)
  t.strictSame(taken(), [])
  pass(0.1 + 0.5)
  t.strictSame(taken(), ['close', 'timeout: rebuild 1', 'build'])
  recovery.offered(true)
  t.strictSame(taken(), ['asked: relay 1'])
  pass(1)
  recovery.connected()
  t.strictSame(taken(), ['recovered by relay after 1.5'])
})

t.test('pause() stops all steps, and resume() rebuilds a lost link', async (t) => {
  const { recovery, pass, taken } = setUp()
  recovery.connected()
  pass(STABLE)
  recovery.pause()
  recovery.lost('failed')
  pass(1_000)
  t.strictSame(taken(), ['close', 'failed: rebuild 1 in Infinity'])
  recovery.resume(false)
  pass(0.5)
  t.strictSame(taken(), ['moved: rebuild 1', 'build'])
  recovery.connected()
  taken()
  recovery.pause()
  recovery.disconnected()
  t.notOk(taken().includes('restart'))
  recovery.resume(false)
  t.strictSame(taken(), ['restart'])
  recovery.reconnected()
  taken()
  recovery.pause()
  recovery.resume(false)
  pass(1_000)
  t.strictSame(taken(), [], 'a link that was not lost')
})

t.test('a peer that asked for a link, and must now open it itself, does not wait for an answer', async (t) => {
  const { recovery, pass, taken } = setUp()
  recovery.connected()
  recovery.lost('failed')
  pass(0.5)
  t.strictSame(taken(), ['close', 'failed: rebuild 1', 'build'])
  recovery.pause()
  recovery.resume(true)
  pass(0.5)
  t.strictSame(taken(), ['moved: rebuild 1', 'build'])
})

t.test('interrupt(7) allows no attempt for 7 s', async (t) => {
  for (const before of ['connected', 'waiting'] as const) {
    const { recovery, pass, taken } = setUp()
    if (before === 'connected') recovery.connected()
    else recovery.lost('failed')
    recovery.interrupt(7)
    pass(6.9)
    t.strictSame(taken(), ['close', 'interrupted: rebuild 1 in 7'])
    pass(0.1)
    t.strictSame(taken(), ['build'])
  }
})

t.test('hurry() shortens a long delay', async (t) => {
  const { recovery, pass, taken } = setUp()
  for (let i = 0; i < 6; i++) {
    recovery.lost('failed')
    pass(MOST_DELAY / 2)
  }
  recovery.lost('failed')
  taken()
  recovery.hurry()
  pass(0.5)
  t.strictSame(taken(), ['failed: rebuild 1', 'build'])
  recovery.hurry()
  pass(0.5)
  t.strictSame(taken(), [])
})

t.test('nothing happens after stop()', async (t) => {
  const { recovery, pass, taken, isIdle } = setUp()
  recovery.lost('failed')
  recovery.stop()
  taken()
  t.ok(isIdle())
  recovery.lost('failed')
  recovery.disconnected()
  recovery.connected()
  recovery.offered(false)
  recovery.interrupt(1)
  recovery.resume(false)
  pass(1_000)
  t.strictSame(taken(), [])
})

t.test('after any sequence of events it keeps trying, with one attempt at a time', async (t) => {
  const happening = fc.constantFrom('connected', 'disconnected', 'reconnected', 'failed', 'offered', 'pass')
  fc.assert(
    fc.property(fc.boolean(), fc.array(fc.tuple(happening, fc.nat(40))), (createsLinks, happenings) => {
      const { recovery, log, pass, isIdle } = setUp({ createsLinks, hasRelay: true })
      for (const [what, seconds] of happenings) {
        if (what === 'failed') recovery.lost('failed')
        else if (what === 'offered') recovery.offered(false)
        else if (what === 'pass') pass(seconds)
        else recovery[what]()
        if (isIdle() !== recovery.isConnected) t.fail(`nothing will happen after ${log.slice(-5)}`)
      }
      recovery.lost('failed')
      pass(MOST_DELAY)
      recovery.connected()
      if (!recovery.isConnected || !log.at(-1)?.startsWith('recovered')) t.fail(`not well after ${log.slice(-5)}`)
      for (const [i, line] of log.entries()) {
        if (line.startsWith('build') && !/: (relay|rebuild) \d+/.test(log[i - 1] ?? ''))
          t.fail('an attempt without an event')
      }
    }),
  )
})
