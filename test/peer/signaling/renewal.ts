import t from 'tap'
import { RenewedRtc } from '../../../src/peer/credentials/renewed-rtc.ts'
import { Renewal } from '../../../src/peer/signaling/renewal.ts'
import { fakeClock } from '../../core/fixture/clock.ts'
import { settled, timingOf } from '../fixture/scripted-server.ts'

function renewing(answers: (number | undefined | Error)[]) {
  const clock = fakeClock()
  const failures: Error[] = []
  const times: number[] = []
  const begin = clock.now()
  const renewal = new Renewal({
    timing: timingOf(clock),
    async renew() {
      times.push(clock.now() - begin)
      const answer = answers.shift()
      if (answer instanceof Error) throw answer
      return answer
    },
    failed: (error) => failures.push(error),
  })
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(500)
      await settled()
    }
  }
  return { renewal, clock, failures, times, pass }
}

t.test('renews each time before the expiry', async (t) => {
  const { renewal, times, pass, clock } = renewing([20_000, undefined])
  renewal.start(10_000)
  await pass(7_500)
  t.strictSame(times, [])
  await pass(40_000)
  t.strictSame(times, [8_000, 24_000])
  t.equal(clock.waiting, 0, 'no renewal without an expiry')
})

t.test('repeats a failed renewal, halfway to the expiry each time', async (t) => {
  const down = new Error('down')
  const { renewal, times, failures, pass, clock } = renewing([down, down, down, down, down, down, down])
  renewal.start(40_000)
  await pass(60_000)
  t.strictSame(times, [32_000, 36_000, 38_000, 39_000])
  t.equal(failures.length, 4)
  t.equal(clock.waiting, 0)
})

t.test('does not renew without an expiry, nor after stop()', async (t) => {
  const { renewal, clock, times, pass } = renewing([5_000, 5_000])
  renewal.start(undefined)
  t.equal(clock.waiting, 0)
  renewal.start(10_000)
  renewal.stop()
  t.equal(clock.waiting, 0)
  renewal.start(2_000)
  clock.advance(1_600)
  renewal.stop()
  await pass(10_000)
  t.equal(times.length, 1, 'nor if the answer arrives after stop()')
  t.equal(clock.waiting, 0)
})

t.test('an expiry beyond the range of timers causes no early renewal', async (t) => {
  const { renewal, clock, times } = renewing([undefined])
  renewal.start(2 ** 33)
  clock.advance(2 ** 31 - 2)
  await settled()
  t.strictSame(times, [])
})

t.test('TURN credentials are renewed before they expire', async (t) => {
  const clock = fakeClock()
  let asked = 0
  const server = () => ({ urls: 'turn:t', username: `${asked}`, credential: 'c' })
  const ask = async () => ({ iceServers: [server()], expiresIn: ++asked < 3 ? 10_000 : 20_000 })
  const rtc = new RenewedRtc({ iceServers: [server()], iceTransportPolicy: 'relay' }, ask, 10_000, timingOf(clock))
  t.match(rtc.current, { iceServers: [{ username: '0' }] })
  clock.advance(7_999)
  await settled()
  t.equal(asked, 0)
  clock.advance(1)
  await settled()
  t.equal(asked, 1)
  t.match(rtc.current, { iceServers: [{ username: '0' }], iceTransportPolicy: 'relay' })
  clock.advance(8_000)
  await settled()
  t.match(rtc.current, { iceServers: [{ username: '1' }] })
  rtc.stop()
  t.equal(clock.waiting, 0)
})

t.test('each lost link requests new TURN credentials, at most once in 10 s', async (t) => {
  const clock = fakeClock()
  let asked = 0
  const ask = async () => {
    if (++asked === 3) throw new Error('down')
    return { iceServers: [{ urls: 'turn:t', username: `${asked}`, credential: 'c' }] }
  }
  const rtc = new RenewedRtc({ iceServers: (await ask()).iceServers }, ask, undefined, timingOf(clock))
  const lose = async (ms: number) => {
    clock.advance(ms)
    rtc.renew()
    await settled()
    return asked
  }
  t.equal(await lose(0), 2)
  t.equal(await lose(9_999), 2)
  t.match(rtc.current, { iceServers: [{ username: '2' }] })
  t.equal(await lose(1), 3)
  t.equal(await lose(0), 4, 'at once after a failed request')
  t.equal(clock.waiting, 0)
})
