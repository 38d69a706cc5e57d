import t from 'tap'
import { parseXdf, RecordingError, StreamError, XdfError } from '../../../src/streams/mod.ts'

t.test('instanceof recognizes the errors of another copy of the class', async (t) => {
  const path = '../../../src/streams/shared/errors.ts?copy'
  const copy = (await import(path)) as typeof import('../../../src/streams/shared/errors.ts')
  t.not(copy.StreamError, StreamError)
  const error = new copy.StreamError('bad-chunk', 'Cannot read')
  t.ok(error instanceof StreamError)
  t.notOk(error instanceof XdfError)
  t.notOk(new Error('StreamError') instanceof StreamError)
  t.notOk((undefined as unknown) instanceof StreamError)
})

t.test('an error of a subclass is an instance of both classes, and of no sibling', async (t) => {
  const error = xdfError()
  t.ok(error instanceof XdfError)
  t.ok(error instanceof StreamError)
  t.notOk(error instanceof RecordingError)
})

function xdfError(): unknown {
  try {
    return parseXdf(new TextEncoder().encode('text'))
  } catch (error) {
    return error
  }
}
