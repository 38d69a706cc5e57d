import t from 'tap'
import { SignalError } from '../../src/protocol/mod.ts'
import { explain, explainClose, explainRecovering } from '../../src/studio/explain.ts'

t.test('explain() says why a join failed', async (t) => {
  t.equal(explain(new SignalError('room-full', 'x'), 'lab'), 'The room lab is full. Try another, or come back later')
  t.equal(explain(new SignalError('bad-frame', 'What the server said'), 'lab'), 'What the server said')
  t.equal(explain(new Error('Something else'), 'lab'), 'Something else')
  t.equal(explain(Object.assign(new Error('Something else'), { code: 'toString' }), 'lab'), 'Something else')
})

t.test('explainClose() says why the connection closed', async (t) => {
  t.equal(explainClose({ code: 1006, reason: 'Cannot reach the server' }), 'the connection was lost')
  t.equal(explainClose({ code: 1008, reason: 'unauthorized' }), 'unauthorized')
  t.equal(explainClose({ code: 1008, reason: '' }), 'closed with 1008')
})

t.test('explainRecovering() says what happens to a lost link', async (t) => {
  const first = explainRecovering({ cause: 'disconnected', step: 'restart', attempt: 1, delay: 0 })
  t.equal(first, 'The peer no longer answers: trying another route')
  const third = explainRecovering({ cause: 'failed', step: 'relay', attempt: 3, delay: 1.5 })
  t.equal(third, 'The link failed: reconnecting over TURN, attempt 3, in 2 s')
  const unknown = explainRecovering({ cause: 'moved', step: 'rebuild', attempt: 1, delay: Number.POSITIVE_INFINITY })
  t.equal(unknown, 'The peer returned with a new id: reconnecting, when the server announces the peer')
})
