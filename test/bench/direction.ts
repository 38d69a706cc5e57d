import t from 'tap'
import { type DialectName, dialects } from '../../bench/dialects/dialect.ts'
import type { Data } from '../../bench/dialects/speaker.ts'
import type { Client } from '../../bench/load/client.ts'
import { Direction } from '../../bench/relay/direction.ts'
import { DIRECTION, Stamped, stampOf } from '../../bench/relay/stamped.ts'
import { makeSignal, SIGNAL_NAMES } from '../../bench/shared/signals.ts'

t.test('each signal has the size that its name says', async (t) => {
  for (const name of SIGNAL_NAMES) {
    t.equal(JSON.stringify(makeSignal(name, '1000000000')).length, Number(/\d+(?= B)/.exec(name)?.[0]), name)
  }
})

t.test('replacing the stamp of a message yields the same bytes as encoding it again', async (t) => {
  for (const [name, dialect] of Object.entries(dialects)) {
    const speaker = dialect()
    const encoded = (stamp: number): Data => speaker.encode(7, makeSignal('offer, 600 B', String(stamp)))
    const stamped = new Stamped(encoded(stampOf(1, 0)), stampOf(1, 0))
    t.same(stamped.with(stampOf(1, 4_711)), encoded(stampOf(1, 4_711)), name)
    t.equal(stamped.read(encoded(stampOf(1, 4_711))), stampOf(1, 4_711))
    t.ok(stamped.equals(encoded(stampOf(1, 4_711)), stampOf(1, 4_711)))
    t.notOk(stamped.equals(encoded(stampOf(1, 4_712)), stampOf(1, 4_711)))
  }
  t.throws(() => new Stamped('no stamp', DIRECTION), /0 times/)
})

/** One direction of a pair. `pass` stands for the server: it may deliver, change, repeat or drop each message. */
function oneWay(dialect: DialectName, pass: (data: Data, deliver: (data: Data) => void) => void) {
  const faults: string[] = []
  let delivered = 0
  const from = {
    speaker: dialects[dialect](),
    socket: {
      send: (data: Data) => pass(typeof data === 'string' ? data : data.slice(), (came) => direction.receive(came)),
    },
  } as unknown as Client
  const to = { speaker: dialects[dialect]() } as Client
  const direction: Direction = new Direction({
    from,
    to,
    address: 42,
    side: 0,
    signal: 'offer, 600 B',
    ondelivered: () => delivered++,
    onfault: ({ message }) => faults.push(message),
  })
  return { direction, faults, delivered: () => delivered }
}

t.test('a repeated, lost or changed signal is reported as a fault', async (t) => {
  for (const dialect of ['ours', 'peerjs'] as const) {
    const good = oneWay(dialect, (data, deliver) => deliver(data))
    for (let i = 0; i < 1_000; i++) good.direction.send()
    t.same([good.delivered(), good.direction.inFlight, good.faults], [1_000, 0, []], dialect)

    let count = 0
    const twice = oneWay(dialect, (data, deliver) => {
      deliver(data)
      if (++count === 3) deliver(data)
    })
    for (let i = 0; i < 3; i++) twice.direction.send()
    t.match(twice.faults, [/^Signal 3 is missing or is not what was sent; 2 came$/])

    const lossy = oneWay(dialect, (data, deliver) => {
      if (++count % 5 !== 0) deliver(data)
    })
    for (let i = 0; i < 10; i++) lossy.direction.send()
    t.ok(lossy.faults.length > 0 && lossy.direction.inFlight > 0)

    let sent = 0
    const wrong = oneWay(dialect, (data, deliver) => deliver(++sent > 100 ? spoiled(data) : data))
    for (let i = 0; i < 300; i++) wrong.direction.send()
    t.ok(wrong.faults.length > 0, 'a changed signal is a fault')
  }
})

t.test("a client's own signal that the server sends back is ignored, of whichever kind", async (t) => {
  const { direction, faults } = oneWay('y-webrtc', () => {})
  const own = dialects['y-webrtc']()
  for (const name of SIGNAL_NAMES) {
    t.notOk(direction.receive(own.encode(7, makeSignal(name, String(stampOf(1, 38))))), name)
  }
  t.strictSame(faults, [])
  direction.receive(own.encode(7, makeSignal('offer, 1500 B', String(stampOf(0, 38)))))
  t.match(faults, [/^A signal is not what was sent/], "the other client's signals of an earlier kind have all arrived")
})

/** Returns the message with one letter of its signal changed. */
function spoiled(data: Data): Data {
  if (typeof data === 'string') return data.replace('actpass', 'acTpass')
  const text = new TextDecoder('latin1').decode(data)
  data[text.indexOf('actpass') + 2] = 0x54
  return data
}
