import fc from 'fast-check'
import t from 'tap'
import { Replay } from '../../src/protocol/mod.ts'

const frame = (length: number, value = 0): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(value)

t.test('missing() returns the frames that are not acknowledged, in order', async (t) => {
  const replay = new Replay(100)
  for (const value of [1, 2, 3]) replay.keep(frame(10, value))
  const values = (received: number) => replay.missing(received)?.map((kept) => kept[0])
  t.strictSame(values(0), [1, 2, 3])
  t.strictSame(values(2), [3])
  t.strictSame(values(3), [])
  t.ok(replay.acknowledge(2))
  t.strictSame([replay.length, replay.bytes], [1, 10])
  t.strictSame(values(2), [3])
  t.equal(values(1), undefined, 'an acknowledged frame is dropped')
})

t.test('an acknowledgement of more than was sent is rejected', async (t) => {
  const replay = new Replay(100)
  replay.keep(frame(1))
  t.notOk(replay.acknowledge(2))
  t.equal(replay.missing(2), undefined)
  t.equal(replay.bytes, 1)
})

t.test('a late acknowledgement changes nothing', async (t) => {
  const replay = new Replay(100)
  for (let i = 0; i < 3; i++) replay.keep(frame(1))
  t.ok(replay.acknowledge(3))
  t.ok(replay.acknowledge(1))
  t.strictSame(replay.missing(3), [])
  t.ok(replay.complete)
})

t.test(
  'above the bound the oldest frames are dropped, and the replay is incomplete until they are acknowledged',
  async (t) => {
    const replay = new Replay(25)
    for (const value of [1, 2, 3]) replay.keep(frame(10, value))
    t.equal(replay.bytes, 20)
    t.notOk(replay.complete)
    t.equal(replay.missing(0), undefined)
    t.strictSame(replay.missing(1), [frame(10, 2), frame(10, 3)])
    replay.acknowledge(1)
    t.ok(replay.complete)
    replay.keep(frame(26))
    t.equal(replay.bytes, 0, 'a frame larger than the bound is not buffered')
    t.notOk(replay.complete)
  },
)

t.test('a frame is buffered without a copy', async (t) => {
  const replay = new Replay(100)
  const sent = frame(5)
  replay.keep(sent)
  t.equal(replay.missing(0)?.[0], sent)
})

t.test('an acknowledgement is due after 64 frames or 65,536 bytes', async (t) => {
  const few = new Replay(1)
  t.notOk(few.untold)
  for (let i = 0; i < 63; i++) t.notOk(few.count(1))
  t.ok(few.count(1))
  t.ok(few.untold)
  t.equal(few.tell(), 64)
  t.notOk(few.untold)
  t.notOk(few.count(1))
  t.ok(new Replay(1).count(65_536))
})

t.test('two ends lose no frame and repeat none when their connection is cut at random', async () => {
  const property = fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 300 }), (steps) => {
    const [sender, receiver] = [new Replay(1_000_000), new Replay(1_000_000)]
    const got: number[] = []
    let line: Uint8Array<ArrayBuffer>[] = []
    let sent = 0
    const receive = () => {
      const frame = line.shift()
      if (frame === undefined) return
      got.push(new DataView(frame.buffer).getUint32(0))
      receiver.count(frame.length)
    }
    const send = () => {
      const frame = new Uint8Array(4)
      new DataView(frame.buffer).setUint32(0, sent++)
      sender.keep(frame)
      line.push(frame)
    }
    const cut = () => {
      line = sender.missing(receiver.received) as Uint8Array<ArrayBuffer>[]
    }
    const acknowledge = () => {
      sender.acknowledge(receiver.tell())
    }
    for (const step of steps) [send, receive, cut, acknowledge][step]?.()
    cut()
    while (line.length > 0) receive()
    return got.length === sent && got.every((value, i) => value === i)
  })
  fc.assert(property, { numRuns: 500 })
})
