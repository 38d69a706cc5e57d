import wrtc from '@roamhq/wrtc'
import t, { type Test } from 'tap'
import { serve } from '../../mod.ts'
import type { Component, Fault, RemoteSamples } from '../../plugins/brainsatplay.ts'
import { connect } from '../../src/peer/mod.ts'
import { run } from '../fixture/server.ts'
import { startTcpProxy } from '../fixture/tcp-proxy.ts'
import { secret, signed } from '../fixture/tokens.ts'
import { until } from '../fixture/until.ts'
import { type App, esComponent, graphscript, type Host, waslComponent } from './fixture/brainsatplay-hosts.ts'

// Globals as in a browser, without MediaStream: wrtc crashes at the exit of a process that created one.
const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc
Object.assign(globalThis, { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate })

const server = await serve({ port: 0 })
t.teardown(() => server.close())
const url = `${server.url.replace('http', 'ws')}signal`

const hosts: Record<string, Host> = { graphscript, 'an ES Component': esComponent, 'a WASL component': waslComponent }

for (const [title, host] of Object.entries(hosts)) {
  t.test(`two players in ${title} receive the samples of each other`, async (t) => {
    const [ada, bob] = [host({ url, room: title, name: 'Ada' }), host({ url, room: title, name: 'Bob' })]
    t.teardown(() => stop(ada, bob))
    every(t, ada, (i) => ({ Fp1: [i, i + 0.5], Fp2: [-i, -i - 0.5] }))
    every(t, bob, (i) => [i, 2 * i, 3 * i])

    const fromBob = (await until(() => ada.heard.remote?.at(-1))) as RemoteSamples
    t.match(fromBob, { name: 'Bob', stream: 'devices', missed: 0, timestamps: [Number] })
    const { 0: once, 1: twice, 2: thrice } = fromBob.data as Record<string, number[]>
    t.same([twice, thrice], [once?.map((value) => 2 * value), once?.map((value) => 3 * value)], 'an array of values')
    t.ok(Math.abs((fromBob.timestamps[0] as number) - Date.now()) < 10_000, 'in ms since 1970')

    const fromAda = (await until(() => bob.heard.remote?.at(-1))) as RemoteSamples
    const { Fp1: [first, second] = [], Fp2 } = fromAda.data as Record<string, number[]>
    t.same([second, ...(Fp2 ?? [])], [Number(first) + 0.5, -Number(first), -Number(first) - 0.5], 'an object of arrays')
    t.same(ada.component.peers, { [fromBob.peer]: 'Bob' })
    t.equal(ada.component.status, 'joined')
    if (host !== waslComponent) t.match(ada.heard, { joined: [{ peer: fromBob.peer, name: 'Bob' }], left: [] })

    ada.stop()
    t.equal(ada.component.status, 'closed')
    t.same(ada.component.peers, {})
    await until(() => (bob.component.left as { name: string } | undefined)?.name === 'Ada')
    t.same(bob.component.peers, {})
    const heard = ada.heard.remote?.length
    await until(() => Number((ada.component as Component).lost) > 3)
    t.equal(ada.heard.remote?.length, heard, 'nothing arrives after stop()')
    t.same(ada.heard.left, [])
    if (host !== waslComponent) t.equal(ada.heard.status?.filter((status) => status === 'closed').length, 1)
    t.equal(usersIn(title), 1, 'a late input does not reconnect')
    bob.stop()
    await until(() => usersIn(title) === 0)
  })
}

t.test('a single array is a channel if the host spreads arrays, otherwise a sample', async (t) => {
  const chunk = [[1, 2, 3]]
  const channel = { 0: [1, 2, 3] }
  t.same(await received(t, esComponent, 'spread', chunk, 3), channel)
  t.same(await received(t, waslComponent, 'spread, too', chunk, 3), channel)
  t.same(await received(t, graphscript, 'not spread', chunk, 3), channel)
  t.same(await received(t, graphscript, 'a sample', [1, 2, 3], 1), { 0: [1], 1: [2], 2: [3] })
  t.same(await received(t, graphscript, 'typed arrays', { 0: Float32Array.of(0.5) }, 1), { 0: [0.5] })
  t.same(await received(t, graphscript, 'one value', 7, 1), { 0: [7] })
})

t.test('channels with the same name stay separate', async (t) => {
  const session = await connect(url, { wrtc })
  t.teardown(() => session.close())
  const channels = ['x', 'x'].map((label) => ({ label, unit: '', type: '' }))
  const publication = (await session.join('twins', { create: true })).publish({ name: 'Twins', channels })
  const timer = setInterval(() => publication.push([1, 2]), 10)
  t.teardown(() => clearInterval(timer))
  const app = esComponent({ url, room: 'twins' })
  t.teardown(() => app.stop())
  const { data, stream } = (await until(() => app.heard.remote?.[0])) as RemoteSamples
  t.equal(stream, 'Twins')
  t.same([data[0]?.[0], data[1]?.[0]], [1, 2])
})

t.test('inputs before the join are published after the join', async (t) => {
  let open = (_: string) => {}
  const token = new Promise<string>((resolve) => {
    open = resolve
  })
  const reader = await read('early')
  t.teardown(() => reader.close())
  const ada = graphscript({ url, room: 'early', token: () => token })
  t.teardown(() => ada.stop())
  for (let i = 0; i < 20; i++) ada.output({ 0: [2 * i, 2 * i + 1] })
  t.equal(ada.component.status, 'connecting')
  open('')
  const samples = await reader.samples(40)
  t.same(
    samples,
    Array.from({ length: 40 }, (_, i) => i),
    'all inputs, in order',
  )
  t.equal(ada.component.lost, 0)
})

t.test('the queue of inputs is limited, and lost inputs are counted', async (t) => {
  const ada = esComponent({ url, room: 'full', token: () => new Promise<string>(() => {}) })
  const second = Array.from({ length: 1000 }, (_, i) => i)
  for (let i = 0; i < 70; i++) ada.output({ 0: second })
  t.equal(ada.component.lost, 70 - 65)
  t.equal(ada.heard.lost?.at(-1), 5)
  ada.stop()
  t.equal(ada.component.lost, 70, 'queued inputs are lost with the connection')
  ada.output({ 0: second })
  t.equal(ada.component.lost, 71)
})

t.test('errors are emitted, and logged once', async (t) => {
  const errors = t.capture(console, 'error')
  const app = graphscript({ url: url.replace('/signal', '/nowhere') })
  t.teardown(() => app.stop())
  await until(() => app.component.status === 'failed')
  t.match(app.heard.error, [{ code: 'unreachable', message: /^Cannot reach the server/ }])
  t.equal(errors().length, 1)
  for (let i = 0; i < 3; i++) app.output([1])
  t.equal(app.component.lost, 3, 'an input does not reconnect')

  app.component.url = url
  app.component.room = 'errors'
  ;(app.component as unknown as { __onconnected(): void }).__onconnected()
  await until(() => app.component.status === 'joined')
  for (const junk of [{ 0: { x: 1 } }, { 0: [true] }, [() => {}], Symbol('no'), new Map()]) app.output(junk)
  t.equal(app.component.lost, 3 + 4, 'an empty object has nothing to lose')
  t.match(app.component.error, { code: 'TypeError', message: /Cannot publish channel 0: samples must be/ })
  errors()
  for (let i = 0; i < 3; i++) app.output([true])
  t.equal(errors().length, 1, 'the same error is logged once')
  app.output({ 0: 1 })
  app.output({ 0: 'one' })
  // The text does not fit the numbers before it.
  await until(() => app.component.lost === 11)
})

t.test('more than 1,024 channels are rejected', async (t) => {
  t.capture(console, 'error')
  const app = esComponent({ url, room: 'wide' })
  t.teardown(() => app.stop())
  await until(() => app.component.status === 'joined')
  app.output(Object.fromEntries(Array.from({ length: 1024 }, (_, i) => [`channel ${i}`, 1])))
  t.equal(app.component.lost, 0)
  app.output({ more: 1 })
  t.match(app.component, { lost: 1, error: { code: 'RangeError', message: /at most 1024 channels/ } })
})

t.test('a listener that throws does not stop the stream', async (t) => {
  const errors = t.capture(console, 'error')
  const throwing = (output: string) => {
    if (output === 'remote') throw new Error('A listener of the app')
  }
  const [ada, bob] = [graphscript({ url, room: 'throw' }, throwing), graphscript({ url, room: 'throw', name: 'Bob' })]
  every(t, bob, (i) => [i])
  t.teardown(() => stop(ada, bob))
  await until(() => Number(ada.heard.remote?.length) > 3)
  t.match(errors()[0]?.args[0], { message: 'A listener of the app' })
})

t.test('each instance is a peer of its own', async (t) => {
  const [one, other] = [
    esComponent({ url, room: 'both', name: 'One' }),
    esComponent({ url, room: 'both', name: 'Other' }),
  ]
  t.teardown(() => stop(one, other))
  await until(() => Object.keys(one.component.peers).length + Object.keys(other.component.peers).length === 2)
  one.stop()
  await until(() => Object.keys(other.component.peers).length === 0)
  t.equal(other.component.status, 'joined')
})

t.test('a lost connection is reported and restored', async (t) => {
  const proxy = await startTcpProxy(Number(new URL(url).port))
  t.teardown(() => proxy.close())
  const [ada, bob] = [
    esComponent({ url: `ws://127.0.0.1:${proxy.port}/signal`, room: 'cut', name: 'Ada' }),
    esComponent({ url, room: 'cut', name: 'Bob' }),
  ]
  t.teardown(() => stop(ada, bob))
  every(t, bob, (i) => [i])
  await until(() => ada.heard.remote?.length)
  proxy.cut()
  await until(() => ada.heard.status?.at(-1) === 'joined' && ada.heard.status.length > 2)
  t.same(ada.heard.status, ['connecting', 'joined', 'reconnecting', 'joined'])
  const heard = Number(ada.heard.remote?.length)
  await until(() => Number(ada.heard.remote?.length) > heard)
  t.same(bob.heard.left, [], 'other peers notice nothing')
})

t.test('a token without permission to publish and a closed room are reported', async (t) => {
  t.capture(console, 'error')
  const closed = await serve({ port: 0, tokens: { secret } })
  t.teardown(() => closed.close())
  const at = `${closed.url.replace('http', 'ws')}signal`
  const listener = graphscript({ url: at, token: await signed({ sub: 'ada', publish: false }) })
  const nobody = esComponent({ url: at })
  t.teardown(() => stop(listener, nobody))
  await until(() => nobody.component.status === 'failed')
  t.match(nobody.component.error, { code: 'unauthorized' })
  await until(() => listener.component.status === 'joined')
  t.equal(listener.component.error, undefined, 'a peer that only listens gets no error')
  listener.output([1])
  t.match(listener.component, { status: 'joined', lost: 1, error: { code: 'forbidden' } })

  const admin = await connect(at, { token: await signed({ sub: 'root', admin: true }) })
  const room = await admin.join('brainsatplay')
  await room.closeRoom('The game is over')
  await until(() => listener.component.status === 'closed')
  t.match(listener.component.error as Fault, { code: 'closed', message: 'The game is over' })
  admin.close()
})

/** Runs an app in a process that has to exit by itself. */
t.test('after the disconnect nothing keeps the program running', async (t) => {
  const program = `
    import wrtc from '@roamhq/wrtc'
    import * as webrtc from './plugins/brainsatplay.ts'
    const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc
    Object.assign(globalThis, { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate })
    const one = { ...webrtc, url: '${url}', room: 'end' }, other = { ...webrtc, url: '${url}', room: 'end' }
    const timer = setInterval(() => {
      one.default({ 0: [1, 2], 1: [3, 4] })
      other.default({ 0: [1, 2] })
      if (one.remote === undefined || other.remote === undefined) return
      clearInterval(timer)
      one.__disconnected()
      other.__disconnected()
      console.log(one.status, other.status)
    }, 20)`
  const { code, stdout, stderr } = await run([process.execPath, '--input-type=module', '--eval', program])
  t.same({ code, stdout }, { code: 0, stdout: 'closed closed\n' }, stderr)
})

/** Sends an output with its number every 10 ms until the test ends. */
function every(t: Test, app: App, output: (i: number) => unknown): void {
  let i = 0
  const timer = setInterval(() => app.output(output(++i)), 10)
  t.teardown(() => clearInterval(timer))
}

function stop(...apps: App[]): void {
  for (const app of apps) app.stop()
}

function usersIn(name: string): number {
  return [...server.service.rooms.values()].find((room) => room.name === name)?.peers.size ?? 0
}

/** Joins a room as a receiver that requests history. */
async function read(name: string): Promise<{ samples(count: number): Promise<unknown[]>; close(): void }> {
  const session = await connect(url, { wrtc })
  const room = await session.join(name, { create: true, history: 60 })
  const kept: unknown[] = []
  room.addEventListener('peer', ({ detail: peer }) => {
    peer.addEventListener('stream', async ({ detail: stream }) => {
      for await (const { data } of stream) kept.push(...Array.from(data as unknown[]))
    })
  })
  return {
    async samples(count) {
      await until(() => kept.length >= count)
      return kept
    },
    close: () => session.close(),
  }
}

/** Returns the first samples that a peer receives from a device with a constant output. */
async function received(
  t: Test,
  host: Host,
  room: string,
  output: unknown,
  samples: number,
): Promise<RemoteSamples['data']> {
  const [from, to] = [host({ url, room }), graphscript({ url, room })]
  every(t, from, () => output)
  t.teardown(() => stop(from, to))
  const { data } = (await until(() => to.heard.remote?.[0])) as RemoteSamples
  return Object.fromEntries(Object.entries(data).map(([label, values]) => [label, values.slice(0, samples)]))
}
