import t from 'tap'
import { brokeProtocol, wasLost, wasTooLarge } from '../../../src/server/connections/close-causes.ts'

t.test('a cut, and most close codes, count as a lost connection', async (t) => {
  for (const code of [1002, 1005, 1006, 1011, 1012, 4000, 4999]) t.ok(wasLost({ code, reason: '' }), String(code))
  // The words of uWebSockets, which Bun uses.
  for (const reason of ['Received TCP FIN before WebSocket close frame', 'WebSocket timed out from inactivity']) {
    t.ok(wasLost({ code: 1006, reason }), reason)
  }
})

t.test('a close by the user, or by the server for an error of the user, is no lost connection', async (t) => {
  for (const code of [1000, 1001, 1003, 1008, 1009, 1013]) t.notOk(wasLost({ code, reason: '' }), String(code))
  t.ok(
    wasLost({ code: 1001, reason: 'No response from ping frame.' }),
    'Deno closes a connection like this if a ping is not answered',
  )
  for (const reason of ['Received too big message', 'Received an incorrectly masked frame']) {
    t.notOk(wasLost({ code: 1006, reason }), reason)
  }
  t.ok(wasLost({ code: 4000, reason: 'Received too big message' }), 'words that a user can choose do not count')
})

t.test('errors of the WebSocket differ from errors of the network', async (t) => {
  const event = (error?: object) => Object.assign(new Event('error'), { error })
  t.ok(brokeProtocol(event({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })))
  t.notOk(brokeProtocol(event({ code: 'ECONNRESET' })))
  t.notOk(brokeProtocol(event()))
  t.ok(wasTooLarge(event({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })))
  t.notOk(wasTooLarge(event({ code: 'WS_ERR_INVALID_UTF8' })))
  t.ok(wasTooLarge({ code: 1006, reason: 'Received too big message' }))
  t.notOk(wasTooLarge({ code: 4000, reason: 'Received too big message' }))
})
