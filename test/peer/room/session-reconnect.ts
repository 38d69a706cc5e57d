import t from 'tap'
import { Op } from '../../../mod.ts'
import { hello, reconnect, scripted, settled } from '../fixture/scripted-server.ts'

/** Tests when a session reconnects, and when it does not. */

t.test('delays between attempts grow, are random, and never exceed 30 s', async (t) => {
  const server = scripted()
  const session = await server.session()
  server.random.push(0, 0.999)
  server.socket().end(1001, 'Going away')
  for (let i = 0; i < 9; i++) {
    server.clock.advance(30_000)
    await settled()
    server.socket().end(1006)
    await settled()
  }
  const delays = [0, 0.999, 1, 2, 4, 8, 15, 15, 15, 15]
  t.match(
    server.events.map(([, detail]) => detail),
    delays.map((delay, i) => ({ attempt: i + 1, delay, code: i === 0 ? 1001 : 1006 })),
  )
  t.match(server.events[0], [/reconnecting/, { reason: 'Going away' }])
  t.match(server.events[1], [/reconnecting/, { reason: /Cannot reach the server/ }])
  session.close()
})

t.test('a stable connection resets the delay', async (t) => {
  const server = scripted()
  const session = await server.session()
  const recover = async (ms: number) => {
    server.socket().end(1013)
    const socket = await reconnect(server, ms)
    socket.answer(Op.hello, { id: 7, recovered: true, received: 0, resume: { token: 't' } })
  }
  await recover(250)
  await recover(500)
  server.clock.advance(4_999)
  await recover(1_000)
  server.clock.advance(5_000)
  await recover(250)
  t.strictSame(
    server.events.flatMap(([, detail]) => (detail as { attempt?: number }).attempt ?? []),
    [1, 2, 3, 1],
  )
  session.close()
})

t.test('some close codes end the session, others do not', async (t) => {
  for (const code of [1000, 1003, 1008, 1009]) {
    const server = scripted()
    const session = await server.session()
    server.socket().end(code, 'For good')
    t.strictSame(server.events, [['close', { code, reason: 'For good' }]])
    t.equal(session.closed, true)
    t.equal(server.clock.waiting, 0)
    await t.rejects(session.rooms(), { code: 'closed' })
  }
  for (const code of [1001, 1005, 1006, 1011, 1012, 1013, 4000]) {
    const server = scripted()
    const session = await server.session()
    server.socket().end(code)
    t.equal(session.state, 'reconnecting', `${code}`)
    session.close()
  }
})

t.test('a final close code of a later attempt ends the session too', async (t) => {
  const server = scripted()
  const session = await server.session()
  const waiting = session.rooms()
  server.socket().end(1006)
  ;(await reconnect(server)).end(1008, 'Go away')
  await t.rejects(waiting, { code: 'closed' })
  t.strictSame(server.events.at(-1), ['close', { code: 1008, reason: 'Go away' }])
})

t.test('with reconnect: false the session ends with its connection', async (t) => {
  const server = scripted()
  const connecting = server.connecting({ reconnect: false })
  await settled()
  server.socket().open()
  t.strictSame(hello(server.socket()), { info: {} })
  server.socket().answer(Op.hello, { id: 7 })
  const session = await connecting
  const codes: number[] = []
  session.addEventListener('close', ({ detail }) => codes.push(detail.code))
  session.addEventListener('reconnecting', () => t.fail())
  server.socket().end(1006)
  t.strictSame(codes, [1006])
  t.match({ state: session.state, waiting: server.clock.waiting }, { state: 'closed', waiting: 0 })
})

t.test('a rejected hello ends the session, unless the reason is temporary', async (t) => {
  const server = scripted()
  await server.session()
  server.socket().end(1006)
  const second = await reconnect(server)
  second.answer(Op.hello, { code: 'server-full', reason: 'server-full', message: 'Full' }, false)
  const third = await reconnect(server, 500)
  third.answer(Op.hello, { code: 'unauthorized', reason: 'unauthorized', message: 'Who?' }, false)
  await settled()
  t.match(server.events.slice(-2), [
    ['error', { name: 'SignalError', code: 'unauthorized', message: 'Who?' }],
    ['close', { code: 1008, reason: 'unauthorized' }],
  ])
})

t.test('the token function runs for each hello, and its error counts as a failed attempt', async (t) => {
  const server = scripted()
  let asked = 0
  const token = async () => {
    if (++asked === 3) throw new Error('The cook is out')
    return `token ${asked}`
  }
  const session = await server.session({ token })
  t.equal(asked, 1)
  server.socket().end(1006)
  const second = await reconnect(server)
  t.match(hello(second), { token: 'token 2', resume: { token: 't1' } })
  second.end(1006)
  await settled()
  server.clock.advance(500)
  await settled()
  t.equal(server.sockets.length, 2)
  t.match(server.events.at(-1), ['reconnecting', { attempt: 3, reason: 'The cook is out' }])
  t.match(hello(await reconnect(server, 1_000)), { token: 'token 4' })
  session.close()

  t.match(await connectionOf(() => 'now'), { token: 'now' })
  await t.rejects(
    connectionOf(() => Promise.reject(new Error('None today'))),
    { message: 'None today' },
  )
  const broken = () => {
    throw new Error('Broken')
  }
  await t.rejects(connectionOf(broken), { message: 'Broken' })
  const giveUp = new AbortController()
  const never = scripted().connecting({ token: () => new Promise(() => {}), signal: giveUp.signal })
  giveUp.abort(new Error('Enough'))
  await t.rejects(never, { message: 'Enough' })
})

/** Returns the body of the hello that a session sends with this token function. */
async function connectionOf(token: () => string | Promise<string>): Promise<unknown> {
  const server = scripted()
  const connecting = server.connecting({ token })
  await Promise.race([connecting, settled()])
  server.socket().open()
  connecting.catch(() => {})
  return hello(server.socket())
}

t.test('the session reconnects at once when the network returns', async (t) => {
  const listeners = new Set<() => void>()
  const before = { add: globalThis.addEventListener, remove: globalThis.removeEventListener }
  globalThis.addEventListener = ((name: string, listener: () => void) => {
    if (name === 'online') listeners.add(listener)
  }) as typeof globalThis.addEventListener
  globalThis.removeEventListener = ((_: string, listener: () => void) => {
    listeners.delete(listener)
  }) as typeof globalThis.removeEventListener
  t.teardown(() => {
    globalThis.addEventListener = before.add
    globalThis.removeEventListener = before.remove
  })
  const online = async () => {
    for (const listener of listeners) listener()
    await settled()
  }
  const server = scripted()
  const session = await server.session()
  await online()
  t.equal(server.sockets.length, 1, 'no attempt while connected')
  server.socket().end(1006)
  await online()
  t.equal(server.sockets.length, 2)
  await online()
  t.equal(server.sockets.length, 2, 'one attempt at a time')
  server.clock.advance(250)
  await settled()
  t.equal(server.sockets.length, 2, 'the planned attempt is cancelled')
  session.interrupt(5)
  await online()
  t.equal(server.sockets.length, 2)
  session.close()
  t.equal(listeners.size, 0)
})

t.test('interrupt() disconnects the session for this long', async (t) => {
  const server = scripted()
  const session = await server.session()
  const first = server.socket()
  session.interrupt(20)
  t.strictSame(first.closing, { code: 4001, reason: 'Interrupted' })
  first.say([Op.roomadded, 'what still comes over it is not heard'])
  first.end(1006)
  t.strictSame(server.events, [['reconnecting', { attempt: 1, delay: 20, code: 4001, reason: 'Interrupted' }]])
  server.clock.advance(19_999)
  await settled()
  t.equal(server.sockets.length, 1)
  const second = await reconnect(server, 1)
  session.interrupt(10)
  await settled()
  t.strictSame(second.closing, { code: 4002, reason: undefined })
  server.clock.advance(9_000)
  session.interrupt(10)
  t.match(server.events.at(-1), ['reconnecting', { attempt: 3, delay: 10 }])
  server.clock.advance(9_999)
  await settled()
  t.equal(server.sockets.length, 2)
  const third = await reconnect(server, 1)
  third.answer(Op.hello, { id: 7, recovered: true, received: 0, resume: { token: 't2' } })
  t.equal(session.state, 'connected')
  for (const seconds of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => session.interrupt(seconds), { code: 'bad-option' })
  }
  session.close()
  session.interrupt(1)
  t.equal(server.clock.waiting, 0)
})

t.test('close() ends the session at every stage of a reconnect', async (t) => {
  for (const when of ['waiting', 'opening', 'greeting'] as const) {
    const server = scripted()
    const session = await server.session()
    const waiting = session.rooms()
    server.socket().end(1006)
    await settled()
    if (when !== 'waiting') server.clock.advance(250)
    await settled()
    if (when === 'greeting') server.socket().open()
    const sockets = server.sockets.length
    session.close()
    await t.rejects(waiting, { code: 'closed' })
    await settled()
    t.equal(server.clock.waiting, 0)
    if (when !== 'waiting') t.ok(server.socket().closing)
    server.socket().end(1006)
    t.equal(server.sockets.length, sockets)
    t.strictSame(server.events.slice(1), [['close', { code: 1000, reason: '' }]])
  }
})

t.test('a silent connection is pinged, and then closed', async (t) => {
  const server = scripted()
  const session = await server.session()
  const socket = server.socket()
  server.clock.advance(14_000)
  socket.say([Op.roomclosed, { uuid: 1 }])
  socket.take()
  server.clock.advance(14_999)
  t.strictSame(socket.take(), [[Op.ping, 1]], 'the acknowledgement of the frame')
  server.clock.advance(1)
  t.strictSame(socket.take(), [[Op.ping, 1]])
  server.clock.advance(9_999)
  socket.say([Op.pong, 0])
  server.clock.advance(15_000)
  t.strictSame(socket.take(), [[Op.ping, 1]])
  server.clock.advance(9_999)
  t.equal(session.state, 'connected')
  server.clock.advance(1)
  t.strictSame(socket.closing, { code: 4002, reason: 'Silent' })
  t.strictSame(server.events, [['reconnecting', { attempt: 1, delay: 0.25, code: 4002, reason: 'Silent' }]])
  socket.say([Op.roomclosed, { uuid: 1 }])
  t.match(hello(await reconnect(server)), { resume: { received: 1 } })
  session.close()
})

t.test('a failure of the first connection rejects connect() without another attempt', async (t) => {
  const failing = async (play: (socket: ReturnType<typeof server.socket>) => void) => {
    const connecting = server.connecting()
    await settled()
    play(server.socket())
    const error = await connecting.catch((error) => error)
    await settled()
    t.equal(server.clock.waiting, 0)
    return error
  }
  const server = scripted()
  t.match(await failing((socket) => socket.end(1006)), { code: 'unreachable' })
  t.match(await failing(() => server.clock.advance(10_000)), { code: 'timeout', message: /ws:.*10000 ms/ })
  const silent = await failing((socket) => {
    socket.open()
    server.clock.advance(10_000)
  })
  t.match(silent, { code: 'timeout', message: /hello/ })
  t.strictSame(
    server.socket().closing,
    { code: 1000, reason: undefined },
    'a close code with which the server keeps no session',
  )
  const full = await failing((socket) => {
    socket.open()
    socket.end(1013, 'server-full')
  })
  t.match(full, { code: 'closed', message: 'The connection to the server was closed with 1013 server-full' })
  const refused = await failing((socket) => {
    socket.open()
    socket.answer(Op.hello, { code: 'unauthorized', reason: 'unauthorized', message: 'Who?' }, false)
  })
  t.match(refused, { name: 'SignalError', code: 'unauthorized' })
  await t.rejects(server.connecting({ info: { say: () => {} } }), { name: 'SignalError', code: 'bad-frame' })
  t.equal(server.sockets.length, 5)
})
