import t from 'tap'
import { SocketTransport } from '../../../src/server/connections/socket-transport.ts'
import { createLog } from '../../../src/server/metrics/log.ts'

t.test('the first of two closes decides about the code and the reason', async (t) => {
  const closes: unknown[][] = []
  const socket = { bufferedAmount: 0, send() {}, close: (...why: unknown[]) => closes.push(why) }
  const transport = new SocketTransport(socket, '', '', createLog({ level: 'error' }))
  transport.close(1009, 'Message too large')
  transport.close(1003, 'Text on a binary connection')
  t.same(closes, [[1009, 'Message too large']])
  t.equal(transport.closedFor, 'Message too large')
})
