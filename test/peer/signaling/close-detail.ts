import t from 'tap'
import { PeerError } from '../../../src/peer/shared/errors.ts'
import { closedError, detailOf, detailOfError, isFinal } from '../../../src/peer/signaling/close-detail.ts'
import { SignalError } from '../../../src/protocol/mod.ts'

t.test('the error of an attempt becomes a close code that is final if another attempt would fail too', async (t) => {
  const cases: [Error, number, string, boolean][] = [
    [new SignalError('server-full', 'Full'), 1013, 'server-full', false],
    [new SignalError('rate-limited', 'Too fast'), 1013, 'rate-limited', false],
    [new SignalError('unauthorized', 'Who?'), 1008, 'unauthorized', true],
    [closedError({ code: 1001, reason: 'Going away' }), 1001, 'Going away', false],
    [closedError({ code: 1009, reason: '' }), 1009, '', true],
    [new PeerError('unreachable', 'Cannot reach it'), 1006, 'Cannot reach it', false],
    [new Error('The cook is out'), 1006, 'The cook is out', false],
  ]
  for (const [error, code, reason, final] of cases) {
    t.strictSame(detailOfError(error), { code, reason })
    t.equal(isFinal(detailOfError(error), true), final, error.message)
  }
})

t.test('an expired token is final unless the app can provide another', async (t) => {
  t.ok(isFinal({ code: 4003, reason: '' }, false))
  t.notOk(isFinal({ code: 4003, reason: '' }, true))
})

t.test('a close event without a code counts as a lost connection', async (t) => {
  t.strictSame(detailOf({ code: 0, reason: '' } as CloseEvent), { code: 1006, reason: '' })
  t.strictSame(detailOf({ code: 1011, reason: 'Broken' } as CloseEvent), { code: 1011, reason: 'Broken' })
})
