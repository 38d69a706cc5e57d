import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startUdpProxy, type UdpProxy, type Weather } from './fixture/udp-proxy.ts'
import { until } from './fixture/until.ts'

t.setTimeout(600_000)

interface Client {
  /** Numbers that came back, in order of arrival. */
  back: number[]
  send(number: number): void
}

interface Net {
  proxy: UdpProxy
  client: Client
  /** Adds a client of the same proxy. */
  more(): Promise<Client>
}

/** Starts an echo server behind a proxy, with one client. */
async function echoed(t: Test, seed: number, weather: Weather = {}): Promise<Net> {
  const echo = await bound(t)
  echo.on('message', (packet, { port }) => echo.send(packet, port, '127.0.0.1'))
  return inFrontOf(t, echo, seed, weather)
}

async function inFrontOf(t: Test, target: Socket, seed: number, weather: Weather): Promise<Net> {
  const proxy = await startUdpProxy(target.address().port, seed, weather)
  t.teardown(() => proxy.close())
  const more = async () => {
    const socket = await bound(t)
    const client: Client = {
      back: [],
      send(number) {
        const packet = Buffer.alloc(4)
        packet.writeUInt32LE(number)
        socket.send(packet, proxy.port, '127.0.0.1')
      },
    }
    socket.on('message', (packet) => client.back.push(packet.readUInt32LE()))
    return client
  }
  return { proxy, client: await more(), more }
}

/** Sends `count` numbers, slowly enough for the system's queues. */
async function sendAll(client: Client, from: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    client.send(from + i)
    if (i % 20 === 19) await wait(1)
  }
}

const ramp = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)

t.test('packets come back to the client that sent them', async (t) => {
  const { proxy, client, more } = await echoed(t, 1)
  const other = await more()
  await Promise.all([sendAll(client, 0, 200), sendAll(other, 1_000, 200)])
  await until(() => client.back.length + other.back.length >= 400)
  t.strictSame([client.back, other.back], [ramp(0, 200), ramp(1_000, 200)])
  t.strictSame(proxy.counts, { underWay: 0, forwarded: 800, lost: 0, cut: 0, overtaken: 0 })
})

t.test('cut() drops packets in both directions, including those in flight', async (t) => {
  const { proxy, client } = await echoed(t, 2, { delay: 10 })
  await sendAll(client, 0, 10)
  await until(() => client.back.length === 10)
  proxy.set({ delay: 2_000 })
  await sendAll(client, 100, 10)
  await until(() => proxy.counts.underWay === 10)
  proxy.cut()
  proxy.set({})
  await sendAll(client, 200, 10)
  await until(() => proxy.counts.cut === 20)
  proxy.mend()
  // The same delay as for the cut packets, so that those would have arrived first.
  proxy.set({ delay: 2_000 })
  await sendAll(client, 300, 10)
  await until(() => client.back.length >= 20)
  t.strictSame(client.back, [...ramp(0, 10), ...ramp(300, 10)])
  t.strictSame(proxy.counts, { underWay: 0, forwarded: 40, lost: 0, cut: 20, overtaken: 0 })
})

t.test('the loss rate is as configured, and the same seed gives the same losses', async (t) => {
  const losses: number[][] = []
  for (const seed of [3, 3, 4]) {
    // Nothing comes back, so the proxy draws random numbers in the order of sending.
    const arrived: number[] = []
    const target = await bound(t)
    target.on('message', (packet) => arrived.push(packet.readUInt32LE()))
    const { proxy, client } = await inFrontOf(t, target, seed, { loss: 0.1 })
    await sendAll(client, 0, 1_000)
    await until(() => arrived.length === proxy.counts.forwarded && arrived.length + proxy.counts.lost === 1_000)
    losses.push(arrived)
  }
  const [one, same, other] = losses
  t.strictSame(one, same)
  t.notSame(one, other)
  // The standard deviation is 9.5.
  for (const arrived of losses) t.ok(Math.abs(1_000 - arrived.length - 100) < 50, `${1_000 - arrived.length} lost`)
})

t.test('jitter reorders packets and loses none', async (t) => {
  const { proxy, client } = await echoed(t, 5, { delay: 20, jitter: 50 })
  const begin = performance.now()
  await sendAll(client, 0, 200)
  await until(() => client.back.length === 200)
  t.ok(performance.now() - begin >= 40, 'no packet arrives before its delay')
  t.strictSame(
    client.back.toSorted((a, b) => a - b),
    ramp(0, 200),
  )
  t.notSame(client.back, ramp(0, 200))
  t.ok(proxy.counts.overtaken > 20, `${proxy.counts.overtaken} packets were overtaken`)
  t.match(proxy.counts, { forwarded: 400, lost: 0, cut: 0 })
})

t.test('rebind() gives a client another port', async (t) => {
  const ports: number[] = []
  const target = await bound(t)
  target.on('message', (packet, { port }) => {
    ports.push(port)
    target.send(packet, port, '127.0.0.1')
  })
  const { proxy, client } = await inFrontOf(t, target, 6, {})
  for (const i of [0, 1]) {
    client.send(i)
    await until(() => client.back.length === i + 1)
  }
  proxy.rebind()
  client.send(2)
  await until(() => client.back.length === 3)
  const [first, second, third] = ports
  t.equal(first, second)
  t.not(second, third)
})

async function bound(t: Test): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return socket
}
