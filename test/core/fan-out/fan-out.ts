/** In the long run, a user makes the service send at most 50 bytes for each byte that it sends. */
import t from 'tap'
import { enter, isRefused, MeteredService, type Payer } from '../fixture/metered.ts'
import { codecs } from '../fixture/user.ts'

const MiB = 2 ** 20

/** 100 bytes, such as a name, a role and more. */
const info = { name: 'Ada Lovelace', more: 'x'.repeat(75) }

for (const codec of codecs) {
  t.test(`${codec}: a room of 30 at one address is never refused, however often all reload their pages`, async (t) => {
    const server = new MeteredService()
    for (const [name, more] of Object.entries({ usual: info, large: { more: 'x'.repeat(4_000) } })) {
      let people: Payer[] = []
      for (let reload = 0; reload < 6; reload++) {
        for (const person of people) person.leave()
        people = Array.from({ length: 30 }, () => server.add('school', codec))
        for (const person of people) t.notOk(isRefused(await person.ask('connect', enter(name, more))))
        server.clock.advance(2_000)
      }
    }
    t.strictSame(server.service.counts.limited, {})
  })

  for (const together of [false, true]) {
    const how = together ? 'by hello' : 'after hello'
    t.test(
      `${codec}: a lecture of 500 at one address that joins ${how} within a minute is never refused`,
      async (t) => {
        const server = new MeteredService()
        for (let i = 0; i < 500; i++) {
          const listener = server.add('university', codec)
          const connect = enter('lecture')
          if (isRefused(await listener.ask('hello', { info, ...(together && { connect }) }))) t.fail(`hello ${i}`)
          if (!together && isRefused(await listener.ask('connect', connect))) t.fail(`join ${i}`)
          server.clock.advance(60_000 / 500)
        }
        t.strictSame(server.service.counts.limited, {})
        t.ok(server.out > 40 * MiB, `it costs ${server.out} bytes`)
      },
    )
  }
}

for (const codec of codecs) {
  t.test(`${codec}: a lecture of 500 whose infos are short can also join at once`, async (t) => {
    const server = new MeteredService()
    const people = Array.from({ length: 500 }, () => server.add('university', codec))
    for (const [i, person] of people.entries()) {
      if (isRefused(await person.ask('connect', enter('lecture', { name: `Ada ${i}` })))) t.fail(`join ${i}`)
    }
    t.strictSame(server.service.counts.limited, {})
  })
}

t.test('the moderator of a lecture of 500 can restrict it, and still ask for ICE servers', async (t) => {
  const server = new MeteredService()
  const [owner, ...others] = Array.from({ length: 500 }, () => server.add('university')) as [Payer, ...Payer[]]
  const { uuid } = (await owner.ask('connect', enter('lecture'))) as { uuid: number }
  for (const other of others) {
    await other.ask('connect', enter('lecture'))
    server.clock.advance(120)
  }
  t.match(await owner.ask('restrict', { uuid, restrictions: { max: 600 } }), { uuid })
  t.match(
    await owner.ask('info', {}),
    { reason: 'too-costly', limit: 'fanOutPerConnection' },
    'the moderator is in debt',
  )
  t.match(await owner.ask('ice'), { iceServers: [] })
})

/** Fills a room with 100 people that have the largest info, and subscribes 100 others to rooms. Returns the owner. */
async function fill(server: MeteredService): Promise<Payer> {
  const people = Array.from({ length: 100 }, (_, i) => server.add(`peer ${i}`))
  for (const person of people) {
    await person.ask('connect', enter('crowd', { more: 'x'.repeat(4_000) }))
    server.clock.advance(1_000)
  }
  for (let i = 0; i < 100; i++) await server.add(`listener ${i}`).ask('rooms', { subscribe: true })
  server.clock.advance(3_600_000)
  return people[0] as Payer
}

/** What an attacker does 100 times a second. */
const floods: Record<string, (attacker: Payer, turn: number, uuid: number) => Promise<unknown>> = {
  'joining and leaving': (attacker, turn) =>
    turn % 2 === 0 ? attacker.ask('connect', { room: { name: 'crowd' } }) : attacker.ask('disconnect'),
  'joining with hello, and leaving': (attacker, turn) =>
    turn % 2 === 0 ? attacker.ask('hello', { connect: { room: { name: 'crowd' } } }) : attacker.ask('disconnect'),
  restricting: (attacker, turn, uuid) => attacker.ask('restrict', { uuid, restrictions: { max: 1_000 + turn } }),
  'creating and closing': async (attacker) => {
    const made = (await attacker.ask('createroom', { name: 'x'.repeat(128) })) as { uuid?: number }
    return made.uuid === undefined ? made : attacker.ask('closeroom', { uuid: made.uuid })
  },
  listing: (attacker) => attacker.ask('rooms'),
  'asking for the own info': (attacker) => attacker.ask('info', {}),
}

for (const [name, flood] of Object.entries(floods)) {
  t.test(`${name} sends at most 50 bytes for each byte`, async (t) => {
    const server = new MeteredService()
    const owner = await fill(server)
    const [uuid] = server.service.rooms.keys()
    const attacker = name === 'restricting' ? owner : server.add('attacker')
    if (name.includes('info')) await attacker.ask('info', { more: 'x'.repeat(4_000) })
    const before = { in: server.in, out: server.out }
    const seconds = 30
    let passed = 0
    for (let turn = 0; turn < 100 * seconds; turn++) {
      if (!isRefused(await flood(attacker, turn, uuid as number))) passed++
      server.clock.advance(10)
    }
    server.clock.advance(1_000)
    t.ok(passed > 0, `${passed} requests pass`)
    t.match(server.service.counts.limited, { fanOutPerConnection: Number })
    const bytes = { in: server.in - before.in, out: server.out - before.out }
    // A burst of 1 MiB, and one request that costs more than the rest of it.
    t.ok(bytes.out <= 50 * bytes.in + 1_024 * seconds + 4 * MiB, `${bytes.in} bytes in, ${bytes.out} bytes out`)
  })
}

t.test('new connections from one address do not reset its budget', async (t) => {
  const limit = 1_000
  const server = new MeteredService({ limits: { fanOutPerSecond: limit }, iceServers: [{ urls: 'x'.repeat(1_000) }] })
  const seconds = 1_200
  for (let i = 0; i < seconds; i++) {
    const attacker = server.add('attacker')
    for (let j = 0; j < 10; j++) await attacker.ask('ice')
    attacker.leave()
    server.clock.advance(1_000)
  }
  t.match(server.service.counts.limited, { fanOutPerAddress: Number })
  // 16 seconds are the deepest debt. `welcome` has no payer.
  const most = 50 * server.in + (limit / 16) * seconds + (512 + 16) * limit + 100 * seconds
  t.ok(server.out <= most, `${server.in} bytes in, ${server.out} bytes out: at most ${most}`)
})

t.test('a join with hello costs as much as hello and a join', async (t) => {
  const spent: number[] = []
  for (const together of [false, true]) {
    const server = new MeteredService({ limits: { fanOutPerSecond: 10_000 } })
    for (let i = 0; i < 20; i++) {
      await server.add(`${i}`).ask('connect', enter('crowd', { more: 'x'.repeat(200) }))
      server.clock.advance(10_000)
    }
    const user = server.add('user')
    const before = server.out
    for (let isOver = false; !isOver; ) {
      const connect = { room: { name: 'crowd' } }
      if (together) isOver = isRefused(await user.ask('hello', { connect }))
      else isOver = isRefused(await user.ask('hello')) || isRefused(await user.ask('connect', connect))
      if (!isOver) await user.ask('disconnect')
    }
    spent.push(server.out - before)
  }
  const [apart, together] = spent as [number, number]
  // A connection has 40,000 bytes at first, and a join takes about a tenth of them.
  t.ok(Math.abs(together - apart) < 5_000, `${together} bytes with hello, ${apart} bytes after hello`)
})
