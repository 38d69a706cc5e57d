import t from 'tap'
import { SocketTransport } from '../../../src/server/connections/socket-transport.ts'
import { createLog } from '../../../src/server/metrics/log.ts'

t.test('the first of two closes decides about the code and the reason', async (t) => {
  const closes: unknown[][] = []
  const socket = { bufferedAmount: 0, send() {}, close: (...why: unknown[]) => closes.push(why) }
  const from = { protocol: '', address: '', isShared: false }
  const transport = new SocketTransport(socket, from, createLog({ level: 'error' }))
  transport.close(1009, 'Message too large')
  transport.close(1003, 'Text on a binary connection')
  t.same(closes, [[1009, 'Message too large']])
  t.equal(transport.closedFor, 'Message too large')
})

t.test('hosts of one IPv6 network have one address', async (t) => {
  const socket = { bufferedAmount: 0, send() {}, close() {} }
  const of = (address: string) =>
    new SocketTransport(socket, { protocol: '', address, isShared: false }, createLog({ level: 'error' })).address
  t.equal(of('2001:db8::1'), of('2001:db8::2'))
  t.not(of('203.0.113.7'), of('203.0.113.8'))
  t.equal(of('203.0.113.7'), of('::ffff:203.0.113.7'))
  t.equal(of(''), undefined)
})
