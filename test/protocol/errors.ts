import t from 'tap'
import { SignalError } from '../../src/protocol/mod.ts'

t.test('a SignalError has a code, a reason, a message and its cause', async (t) => {
  const cause = new Error('below')
  const error = new SignalError('rate-limited', 'Cannot relay', { reason: 'slow-receiver', cause })
  t.ok(error instanceof Error)
  t.match(error, { name: 'SignalError', code: 'rate-limited', reason: 'slow-receiver', message: 'Cannot relay' })
  t.equal(error.cause, cause)
})

t.test('the reason defaults to the code, and without a cause there is no such property', async (t) => {
  const error = new SignalError('room-full', 'Cannot join')
  t.equal(error.reason, 'room-full')
  t.notOk('cause' in error)
})

t.test('badFrame() creates an error with the code bad-frame', async (t) => {
  const cause = new RangeError('below')
  t.match(SignalError.badFrame('truncated', 'Cannot read', cause), { code: 'bad-frame', reason: 'truncated', cause })
})

t.test('as JSON, an error has its code, reason and message, but no cause and no stack', async (t) => {
  const error = new SignalError('bad-frame', 'Cannot read', { reason: 'truncated', cause: new Error('secret') })
  t.strictSame(JSON.parse(JSON.stringify(error)), { code: 'bad-frame', reason: 'truncated', message: 'Cannot read' })
})

t.test('instanceof recognizes the errors of another copy of the class', async (t) => {
  const path = '../../src/protocol/errors.ts?copy'
  const copy = (await import(path)) as typeof import('../../src/protocol/errors.ts')
  t.not(copy.SignalError, SignalError)
  t.ok(new copy.SignalError('room-full', 'Cannot join') instanceof SignalError)
  t.notOk(new Error('SignalError') instanceof SignalError)
  t.notOk({ name: 'SignalError' } instanceof SignalError)
})

t.test(
  'an error of a subclass is an instance of both classes, and another error is no instance of the subclass',
  async (t) => {
    class Kicked extends SignalError {}
    const error = new Kicked('forbidden', 'Cannot join')
    t.ok(error instanceof Kicked && error instanceof SignalError)
    t.notOk(new SignalError('forbidden', 'Cannot join') instanceof Kicked)
  },
)
