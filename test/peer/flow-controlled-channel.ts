import t from 'tap'
import { FlowControlledChannel, HIGH_MARK, LOW_MARK } from '../../src/peer/flow-controlled-channel.ts'

class FakeChannel {
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  readyState = 'open'
  readonly sent: number[] = []
  #listener: () => void = () => {}

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.bufferedAmount += bytes.length
    this.sent.push(bytes[0] as number)
  }

  addEventListener(_: 'bufferedamountlow', listener: () => void): void {
    this.#listener = listener
  }

  /** The network took so many bytes. */
  take(bytes: number): void {
    const before = this.bufferedAmount
    this.bufferedAmount -= bytes
    const low = this.bufferedAmountLowThreshold
    if (before > low && this.bufferedAmount <= low) this.#listener()
  }
}

const message = (number: number, bytes = 16_384): Uint8Array<ArrayBuffer> => new Uint8Array(bytes).fill(number)

t.test('the channel is fed up to the high mark, and again from the low mark', async (t) => {
  const channel = new FakeChannel()
  const flow = new FlowControlledChannel(channel)
  t.equal(channel.bufferedAmountLowThreshold, LOW_MARK)
  for (let i = 0; i < 40; i++) t.ok(flow.sendChunk(message(i)))
  t.equal(channel.bufferedAmount, HIGH_MARK)
  t.equal(flow.queuedBytes, 40 * 16_384 - HIGH_MARK)
  channel.take(HIGH_MARK - LOW_MARK - 1)
  t.equal(channel.sent.length, 16)
  channel.take(1)
  t.equal(channel.sent.length, 24)
  while (channel.sent.length < 40) channel.take(HIGH_MARK - LOW_MARK)
  t.strictSame(
    channel.sent,
    Array.from({ length: 40 }, (_, i) => i),
  )
  t.equal(flow.queuedBytes, 0)
})

t.test('past the bound the newest chunk is dropped and counted; controls never are', async (t) => {
  const channel = new FakeChannel()
  channel.bufferedAmount = HIGH_MARK
  const flow = new FlowControlledChannel(channel, 3 * 16_384)
  t.strictSame(
    [1, 2, 3, 4, 5].map((number) => flow.sendChunk(message(number))),
    [true, true, true, false, false],
  )
  flow.send(message(6, 100))
  t.equal(flow.dropped, 2)
  channel.take(HIGH_MARK)
  t.strictSame(channel.sent, [1, 2, 3, 6])
  t.ok(flow.sendChunk(message(7)))
})

t.test('a channel that closes gets nothing more', async (t) => {
  const channel = new FakeChannel()
  const flow = new FlowControlledChannel(channel)
  channel.readyState = 'closing'
  flow.sendChunk(message(1))
  t.strictSame(channel.sent, [])
})
