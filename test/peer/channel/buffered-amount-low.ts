import t from 'tap'
import { FlowControlledChannel } from '../../../src/peer/channel/flow-controlled-channel.ts'
import { termsOf } from '../../../src/peer/wire/delivery.ts'
import { VirtualTime } from '../fixture/virtual-time.ts'

const time = new VirtualTime()
t.beforeEach(() => time.install())
t.afterEach(() => time.uninstall())

/** A channel as in `@roamhq/wrtc`: without `bufferedAmountLowThreshold`, and without its event. */
function silentChannel() {
  const channel = {
    bufferedAmount: 0,
    readyState: 'open',
    sent: 0,
    send(bytes: Uint8Array) {
      channel.bufferedAmount += bytes.length
      channel.sent++
    },
    addEventListener() {},
  }
  return channel as typeof channel & { bufferedAmountLowThreshold: number }
}

t.test('a channel without bufferedamountlow drains the whole queue', async (t) => {
  const channel = silentChannel()
  let drains = 0
  const flow = new FlowControlledChannel(channel, {
    now: () => performance.now() / 1000,
    drained: () => drains++,
    failed() {},
  })
  const terms = termsOf({})
  const chunk = { bytes: new Uint8Array(16_384), samples: 1, at: performance.now() / 1000 }
  for (let i = 0; i < 40; i++) flow.sendChunk(1, chunk, terms)
  t.ok(channel.sent < 40, `${channel.sent} chunks were sent at once`)
  // The network takes 20,000 bytes each millisecond.
  setInterval(() => {
    channel.bufferedAmount = Math.max(0, channel.bufferedAmount - 20_000)
  }, 1)
  await time.until(() => flow.queuedBytes === 0, 20)
  t.equal(channel.sent, 40)
  t.equal(flow.queuedBytes, 0)
  t.ok(drains > 1)
})

t.test('polling stops when the channel closes', async (t) => {
  const channel = silentChannel()
  const flow = new FlowControlledChannel(channel, { now: () => performance.now() / 1000, drained() {}, failed() {} })
  const chunk = { bytes: new Uint8Array(16_384), samples: 1, at: performance.now() / 1000 }
  for (let i = 0; i < 40; i++) flow.sendChunk(1, chunk, termsOf({}))
  let looks = 0
  Object.defineProperty(channel, 'readyState', {
    get() {
      looks++
      return 'closed'
    },
  })
  await time.pass(60)
  t.equal(looks, 1)
})
