/** Who pays for a request: the connection, its address, its verified identity, and all users together. */
import t from 'tap'
import type { Identity, WebRTCServiceOptions } from '../../../src/core/mod.ts'
import { decodeFrame, type RequestName } from '../../../src/protocol/mod.ts'
import { enter, isRefused, MeteredService, type Payer } from '../fixture/metered.ts'
import { resume } from '../fixture/resuming.ts'
import { addUser, codecs } from '../fixture/user.ts'

const tooCostly = (limit: string) => ({ code: 'rate-limited', reason: 'too-costly', limit, retryAfter: Number })

/** Each answer to `ice` costs about 400 bytes: less than 1/8 of the rate. A connection has 16,000 bytes. */
const small: WebRTCServiceOptions = {
  limits: { fanOutPerSecond: 4_000 },
  iceServers: [{ urls: `turn:${'x'.repeat(400)}` }],
}

/** Repeats a request until the service refuses, at most so often. Returns the number of answers. */
async function spend(user: Payer, most = 1_000, name: RequestName = 'ice'): Promise<number> {
  for (let count = 0; count < most; count++) if (isRefused(await user.ask(name))) return count
  return most
}

for (const codec of codecs) {
  t.test(`${codec}: a refused request changes nothing, and succeeds after retryAfter`, async (t) => {
    const server = new MeteredService({ limits: { fanOutPerSecond: 1_000 } })
    const { service, clock } = server
    for (let i = 0; i < 20; i++) {
      await server.add(`${i}`, codec).ask('connect', enter('room', { more: 'x'.repeat(300) }))
      clock.advance(10_000)
    }
    const user = server.add('user', codec)
    await user.ask('connect', { room: { name: 'room' } })
    await user.ask('disconnect')
    const { sent } = service.counts
    const before = JSON.stringify({ ...sent, error: 0 })
    const error = (await user.ask('connect', { room: { name: 'room' }, info: { name: 'Ada' } })) as {
      retryAfter: number
    }
    t.match(error, tooCostly('fanOutPerConnection'))
    t.match(error, { message: /^Cannot run the request: your connection has .* wait \d+ ms$/ })
    t.ok(Number.isSafeInteger(error.retryAfter) && error.retryAfter > 0)
    t.equal(JSON.stringify({ ...sent, error: 0 }), before, 'nobody else receives anything')
    t.strictSame(service.users.get(user.id)?.info, {})
    t.strictSame(service.counts.limited, { fanOutPerConnection: 1 })
    clock.advance(error.retryAfter)
    t.match(await user.ask('connect', { room: { name: 'room' } }), { name: 'room' })
  })
}

t.test('the error that the client receives has retryAfter', async (t) => {
  for (const codec of codecs) {
    const server = new MeteredService(small)
    const user = server.add('one', codec)
    const sent: (string | Uint8Array)[] = []
    user.ws.send = (data) => sent.push(data)
    const count = await spend(user)
    t.ok(count > 30 && count < 250, `${count} answers of 400 bytes`)
    const last = sent.at(-1) as string | Uint8Array
    const error = typeof last === 'string' ? JSON.parse(last).error : decodeFrame(last)[2]
    t.match(error, { code: 'rate-limited', reason: 'too-costly', retryAfter: Number })
    t.notOk('limit' in error)
  }
})

t.test('connections from one address share a budget, which the next ones find as it is', async (t) => {
  const server = new MeteredService(small)
  // 512 seconds of the rate.
  for (let i = 0; i < 200; i++) {
    await spend(server.add('school'))
    server.clock.advance(1_000)
  }
  t.match(await server.add('school').ask('info', {}), tooCostly('fanOutPerAddress'))
  t.equal((await spend(server.add('home'))) > 30, true, 'another address has its own')
  const stranger = server.add('')
  stranger.leave()
  t.equal(server.service.counts.budgets, 3)
})

t.test('connections with one verified identity share a budget, whatever their addresses', async (t) => {
  const authenticate = (token: string): string | Identity => (token.startsWith('{') ? JSON.parse(token) : token)
  const server = new MeteredService({ ...small, authenticate })
  const known = async (token: string, i: number) => {
    const user = server.add(`address ${i}`)
    await user.ask('hello', { token })
    return user
  }
  for (let i = 0; i < 200; i++) {
    await spend(await known('{"auth":"ada"}', i))
    server.clock.advance(1_000)
  }
  t.match(await (await known('{"auth":"ada"}', 500)).ask('info', {}), tooCostly('fanOutPerUser'))
  t.notOk(isRefused(await (await known('{"auth":"bob"}', 501)).ask('info', {})))
  t.notOk(isRefused(await (await known('ada', 502)).ask('info', {})), 'an auth that anybody can claim does not count')
})

t.test('when all users have used up their budget, small requests still pass', async (t) => {
  const server = new MeteredService({ limits: { fanOutPerSecond: 10_000 } })
  const large = Array.from({ length: 30 }, (_, i) => server.add(`large ${i}`))
  for (const peer of large) {
    await peer.ask('connect', enter('large', { more: 'x'.repeat(500) }))
    server.clock.advance(1_000)
  }
  await server.add('small').ask('connect', enter('small'))
  server.clock.advance(100_000)
  // All together have 2,560,000 bytes at once. To join the large room costs 20,000, and to leave it 3,000.
  let error: unknown
  for (let i = 0; i < 200 && !isRefused(error); i++) {
    const attacker = server.add(`attacker ${i}`)
    error = await attacker.ask('connect', { room: { name: 'large' } })
    await attacker.ask('disconnect')
  }
  t.match(error, tooCostly('fanOut'))
  t.notOk(isRefused(await server.add('last').ask('connect', { room: { name: 'small' } })))
  // The small requests cost something too.
  server.clock.advance((error as { retryAfter: number }).retryAfter + 100)
  t.notOk(isRefused(await server.add('last').ask('connect', { room: { name: 'large' } })))
})

t.test('a change is paid once in a tick, and a longer one pays for what it adds', async (t) => {
  const server = new MeteredService({ limits: { fanOutPerSecond: 10_000 } })
  const owner = server.add('owner')
  const { uuid } = (await owner.ask('connect', enter('room'))) as { uuid: number }
  for (let i = 0; i < 100; i++) await server.add(`${i}`).ask('rooms', { subscribe: true })
  const restrict = (restrictions: object) => owner.ask('restrict', { uuid, restrictions })
  // An announcement to 100 listeners costs 10,000 bytes, of 40,000.
  for (let max = 1; max <= 20; max++) t.match(await restrict({ max }), { uuid })
  server.clock.advance(50)
  let passed = 0
  while (passed < 20 && !isRefused(await restrict({ max: 100 + passed }))) {
    passed++
    server.clock.advance(50)
  }
  t.ok(passed < 10, `${passed} changes in as many ticks`)
  server.clock.advance(1_000_000)
  await restrict({ max: 1 })
  await restrict({ users: Array.from({ length: 100 }, (_, i) => `user ${i}`) })
  t.match(await owner.ask('info', {}), tooCostly('fanOutPerConnection'))
})

t.test('nobody is kept from leaving, but it is paid', async (t) => {
  const server = new MeteredService({ limits: { fanOutPerSecond: 1_000 } })
  const user = server.add('user')
  await user.ask('connect', enter('room'))
  for (let i = 0; i < 100; i++) {
    await server.add(`${i}`).ask('connect', enter('room'))
    server.clock.advance(2_000)
  }
  t.match(await user.ask('disconnect'), { cmd: 'roomclosed' })
  t.match(await user.ask('connect', { room: { name: 'room' } }), tooCostly('fanOutPerConnection'))
})

t.test('the next user from the same address pays for one that vanishes', async (t) => {
  const server = new MeteredService({ limits: { fanOutPerSecond: 1_000 } })
  for (let i = 0; i < 200; i++) {
    await server.add(`${i}`).ask('connect', enter('room'))
    server.clock.advance(3_000)
  }
  let error: unknown
  for (let i = 0; i < 100 && !isRefused(error); i++) {
    const user = server.add('coming and going')
    error = await user.ask('connect', { room: { name: 'room' } })
    user.leave()
    server.clock.advance(8_000)
  }
  t.match(error, tooCostly('fanOutPerConnection'))
})

t.test('a new connection takes over the debt of one from its address that ended', async (t) => {
  const server = new MeteredService({ limits: { fanOutPerSecond: 4_000 } })
  for (let i = 0; i < 4; i++) await server.add(`${i}`).ask('createroom', { name: `${i}`.repeat(100) })
  const reload = async (address: string): Promise<number> => {
    const user = server.add(address)
    const answers = await spend(user, 1_000, 'rooms')
    user.leave()
    return answers
  }
  // The bursts of four are forgiven.
  const answers: number[] = []
  for (let i = 0; i < 100; i++) answers.push(await reload('home'))
  t.ok(Math.max(...answers.slice(20)) <= 1, `answers to each connection: ${answers.join(' ')}`)
  const [first, sum] = [answers[0] as number, answers.reduce((sum, more) => sum + more, 0)]
  t.ok(first > 10 && sum >= 4 * first && sum < 10 * first, `${sum} answers, ${first} to the first`)
  t.ok((await reload('office')) > 10, 'another address has its own')
  server.clock.advance(64_000)
  t.ok((await reload('home')) > 10, 'a burst is forgiven in a minute')
  t.match(server.service.counts.limited, { fanOutPerConnection: Number, fanOutPerAddress: undefined })
})

t.test('a session has the same budget over its next connection', async (t) => {
  const server = new MeteredService(small)
  const ada = addUser(server.service, 'msgpack')
  const { resume: offer } = (await ada.ask('hello', { resume: true })) as { resume: { token: string } }
  for (let i = 0; i < 1_000; i++) if (isRefused(await ada.ask('ice'))) break
  ada.lose()
  const { user, answer } = await resume(server.service, offer.token, 0)
  t.ok(answer.recovered)
  t.match(await user.ask('ice'), tooCostly('fanOutPerConnection'))
})

t.test('a JSON user receives no listing that it cannot pay, however often it connects', async (t) => {
  const server = new MeteredService({ limits: { fanOutPerSecond: 400 } })
  for (let i = 0; i < 5; i++) await server.add(`${i}`).ask('createroom', {})
  const listings: number[] = []
  for (let i = 0; i < 300; i++) {
    const { out } = server
    server.add('reload', 'json').leave()
    listings.push(server.out - out)
    server.clock.advance(1_000)
  }
  t.ok((listings[0] as number) > 500, `the first listing has ${listings[0]} bytes`)
  t.ok((listings.at(-1) as number) < 60, `the last listing has ${listings.at(-1)} bytes`)
  t.match(server.service.counts.limited, { fanOutPerConnection: Number })
})

t.test('without a limit, nothing is refused', async (t) => {
  const server = new MeteredService({ ...small, limits: { fanOutPerSecond: Number.POSITIVE_INFINITY } })
  t.equal(await spend(server.add('one')), 1_000)
  t.equal(server.service.counts.budgets, 0)
})
