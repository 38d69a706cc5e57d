import t from 'tap'
import { brokeProtocol, wasLost, wasTooLarge } from '../../../src/server/connections/close-causes.ts'

t.test('a cut, and every code that is no end', async (t) => {
  for (const code of [1002, 1005, 1006, 1011, 1012, 4000, 4999]) t.ok(wasLost({ code, reason: '' }), String(code))
  // As uWebSockets, which is in Bun, words it.
  for (const reason of ['Received TCP FIN before WebSocket close frame', 'WebSocket timed out from inactivity']) {
    t.ok(wasLost({ code: 1006, reason }), reason)
  }
})

t.test('an end by the user, or by the server for what the user did', async (t) => {
  for (const code of [1000, 1001, 1003, 1008, 1009, 1013]) t.notOk(wasLost({ code, reason: '' }), String(code))
  t.ok(wasLost({ code: 1001, reason: 'No response from ping frame.' }), 'as Deno says it of who answers no ping')
  for (const reason of ['Received too big message', 'Received an incorrectly masked frame']) {
    t.notOk(wasLost({ code: 1006, reason }), reason)
  }
  t.ok(wasLost({ code: 4000, reason: 'Received too big message' }), 'words that a user chose are not believed')
})

t.test('an error of the WebSocket, and one of the network', async (t) => {
  const event = (error?: object) => Object.assign(new Event('error'), { error })
  t.ok(brokeProtocol(event({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })))
  t.notOk(brokeProtocol(event({ code: 'ECONNRESET' })))
  t.notOk(brokeProtocol(event()))
  t.ok(wasTooLarge(event({ code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' })))
  t.notOk(wasTooLarge(event({ code: 'WS_ERR_INVALID_UTF8' })))
  t.ok(wasTooLarge({ code: 1006, reason: 'Received too big message' }))
  t.notOk(wasTooLarge({ code: 4000, reason: 'Received too big message' }))
})
