import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { oneAtATime } from '../../../src/server/runtime/one-at-a-time.ts'
import { until } from '../../fixture/until.ts'

const requests = (count: number): string =>
  Array.from({ length: count }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: x\r\n\r\n`).join('')

t.test('a connection has one request at a time, and its answers are in order', async (t) => {
  const { socket, started, answer } = await connection(t)
  let text = ''
  socket.on('data', (data) => {
    text += data
  })
  socket.write(requests(3))
  for (let i = 0; i < 3; i++) {
    await until(() => started.length > i)
    t.strictSame(started, ['/0', '/1', '/2'].slice(0, i + 1))
    answer()
  }
  await until(() => text.match(/\/[0-9]$/gm)?.length === 3)
  t.strictSame(text.match(/\/[0-9]$/gm), ['/0', '/1', '/2'])
  socket.write(requests(1))
  await until(() => started.length === 4)
  t.pass('the connection accepts another request')
})

t.test('a connection with 16 waiting requests is kept, and one with more is closed', async (t) => {
  const { socket, started, answer } = await connection(t)
  socket.resume().write(requests(17))
  for (let i = 0; i < 17; i++) {
    await until(() => started.length > i)
    answer()
  }
  socket.write(requests(18))
  await once(socket, 'close')
  t.equal(started.length, 18, 'the waiting requests are dropped')
})

t.test('a connection whose answer takes too long is closed', async (t) => {
  const { socket, started } = await connection(t, 50)
  socket.resume().write(requests(2))
  await once(socket, 'close')
  t.equal(started.length, 1)
})

t.test('waiting requests are dropped when their client leaves', async (t) => {
  const { socket, started, accepted } = await connection(t)
  socket.write(requests(3))
  await until(() => started.length === 1)
  socket.destroy()
  await once(accepted, 'close')
  t.equal(started.length, 1)
})

/** A server that answers a request when the test calls `answer`, and a connection to it. */
async function connection(t: Test, time?: number) {
  const started: string[] = []
  const open: ServerResponse[] = []
  const server = createServer(
    oneAtATime(({ url }, outgoing) => {
      started.push(url as string)
      open.push(outgoing)
    }, time),
  ).listen(0, 'localhost')
  await once(server, 'listening')
  const accepting = once(server, 'connection')
  const socket = connect((server.address() as AddressInfo).port, 'localhost')
  socket.on('error', () => {})
  const [accepted] = (await accepting) as [Socket]
  t.teardown(() => {
    socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  const answer = () => open.shift()?.end(`${started.at(-1)}\n`)
  return { socket, accepted, started, answer }
}
