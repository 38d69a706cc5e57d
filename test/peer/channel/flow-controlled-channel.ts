import t from 'tap'
import {
  FIRST_HIGH_MARK,
  FlowControlledChannel,
  LEAST_HIGH_MARK,
  MOST_HIGH_MARK,
} from '../../../src/peer/channel/flow-controlled-channel.ts'
import { type DeliveryOptions, termsOf } from '../../../src/peer/wire/delivery.ts'

class FakeChannel {
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  readyState = 'open'
  readonly sent: number[] = []
  #listeners: Record<string, () => void> = {}

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.bufferedAmount += bytes.length
    this.sent.push(bytes[0] as number)
  }

  addEventListener(type: string, listener: () => void): void {
    this.#listeners[type] = listener
  }

  /** Simulates a network that takes this many bytes. */
  take(bytes: number): void {
    const before = this.bufferedAmount
    this.bufferedAmount = Math.max(0, this.bufferedAmount - bytes)
    const low = this.bufferedAmountLowThreshold
    if (before > low && this.bufferedAmount <= low) this.#listeners.bufferedamountlow?.()
  }

  open(): void {
    this.readyState = 'open'
    this.#listeners.open?.()
  }
}

function setUp(options: DeliveryOptions = {}) {
  const channel = new FakeChannel()
  const clock = { now: 1_000 }
  const terms = termsOf(options)
  let drains = 0
  let failures = 0
  const flow = new FlowControlledChannel(channel, {
    now: () => clock.now,
    drained: () => drains++,
    failed: () => failures++,
  })
  const push = (number: number, bytes = 16_384, stream = 1) =>
    flow.sendChunk(stream, { bytes: new Uint8Array(bytes).fill(number), samples: 1, at: clock.now }, terms)
  return { channel, clock, terms, flow, push, drains: () => drains, failures: () => failures }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

t.test('the queue fills the channel to the high mark, and again at half of it', async (t) => {
  const { channel, flow, push, drains } = setUp()
  t.equal(channel.bufferedAmountLowThreshold, FIRST_HIGH_MARK / 2)
  for (let i = 0; i < 40; i++) t.ok(push(i))
  t.equal(channel.bufferedAmount, FIRST_HIGH_MARK)
  t.equal(flow.queuedBytes, 40 * 16_384)
  const before = drains()
  channel.take(FIRST_HIGH_MARK / 2 - 1)
  t.equal(channel.sent.length, 4)
  channel.take(1)
  t.equal(channel.sent.length, 6)
  t.equal(drains(), before + 1)
  while (channel.sent.length < 40) channel.take(16_384)
  t.strictSame(channel.sent, upTo(40))
})

t.test('over the limit the newest chunk is dropped and counted; control messages never are', async (t) => {
  const { channel, flow, terms, push } = setUp({ buffer: { bytes: 3 * 16_384 } })
  channel.bufferedAmount = FIRST_HIGH_MARK
  t.strictSame(
    [1, 2, 3, 4, 5].map((number) => push(number)),
    [true, true, true, false, false],
  )
  flow.send(new Uint8Array(100).fill(6))
  t.strictSame(terms.dropped, { chunks: 2, samples: 2, bytes: 2 * 16_384 })
  channel.take(FIRST_HIGH_MARK)
  t.strictSame(channel.sent, [6, 1, 2, 3])
  t.ok(push(7))
})

t.test('messages wait until the channel opens', async (t) => {
  const { channel, push } = setUp()
  channel.readyState = 'connecting'
  push(1)
  t.strictSame(channel.sent, [])
  channel.open()
  t.strictSame(channel.sent, [1])
})

/** Returns the high mark of a channel that drains at this rate for up to 2 s. */
function markAt(bytesPerSecond: number): number {
  const { channel, clock, flow, push } = setUp()
  for (let i = 0; i < 4_000; i++) push(0)
  for (let ms = 0; ms < 2_000 && flow.scheduler.bytes > 0; ms++) {
    clock.now += 0.001
    channel.take(bytesPerSecond / 1_000)
  }
  t.ok(flow.scheduler.bytes > 0, 'the queue was never empty')
  return flow.highMark
}

t.test('the high mark is what the channel drains in 20 ms, within limits', async (t) => {
  const middle = markAt(5_000_000)
  t.ok(middle > 90_000 && middle < 110_000, `${middle} bytes at 5 MB/s`)
  t.equal(markAt(100_000), LEAST_HIGH_MARK)
  t.equal(markAt(30_000_000), MOST_HIGH_MARK)
})

t.test('the high mark grows when the channel runs empty', async (t) => {
  const { channel, clock, flow, push } = setUp()
  for (let i = 0; i < 1_000; i++) push(0)
  for (let i = 1; i <= 3; i++) {
    clock.now += 0.1
    channel.take(channel.bufferedAmount)
    t.equal(flow.highMark, FIRST_HIGH_MARK * 1.25 ** i)
    t.ok(channel.bufferedAmount >= flow.highMark)
  }
})

t.test('a mostly idle channel does not change the high mark', async (t) => {
  const { channel, clock, flow, push } = setUp()
  for (let i = 0; i < 100; i++) {
    for (let k = 0; k < 3; k++) push(0)
    clock.now += 1
    channel.take(3 * 16_384)
  }
  t.equal(flow.highMark, FIRST_HIGH_MARK)
})

t.test('a channel that is open but throws reports one failure', async (t) => {
  const { channel, flow, push, failures } = setUp()
  channel.send = () => {
    throw new DOMException('RTCDataChannel.readyState is not open', 'InvalidStateError')
  }
  for (let i = 0; i < 3; i++) push(i)
  flow.send(Uint8Array.of(1))
  flow.drain()
  t.equal(failures(), 1)
  t.equal(channel.readyState, 'open')
})
