import t from 'tap'
import { descriptionError, failureOf, isMisuse, wasNeverAdded } from '../../../src/peer/link/link-errors.ts'

const error = (code: string, name = 'Error') => Object.assign(new Error('why'), { code, name })

t.test('only an invalid description fails a link for good', async (t) => {
  t.match(failureOf(error('ERR_SET_REMOTE_DESCRIPTION')), { code: 'link-failed', message: 'The link failed: why' })
  t.match(failureOf(error('ERR_SIGNALING')), { code: 'link-failed' })
  t.equal(failureOf(error('ERR_SET_REMOTE_DESCRIPTION', 'InvalidStateError')), undefined, 'a closed connection')
  t.equal(failureOf(error('ERR_ICE_CONNECTION_FAILURE')), undefined)
  t.equal(failureOf(new Error('why')), undefined)
  t.match(descriptionError(new Error('why')), { code: 'link-failed', message: 'The link failed: why' })
  t.equal(descriptionError(error('', 'InvalidStateError')), undefined)
})

t.test('adding the same track twice is a mistake of the caller', async (t) => {
  t.ok(isMisuse(error('ERR_SENDER_REMOVED')))
  t.ok(isMisuse(error('ERR_SENDER_ALREADY_ADDED')))
  t.notOk(isMisuse(error('ERR_DESTROYED')))
  t.notOk(isMisuse(undefined))
  t.ok(wasNeverAdded(error('ERR_TRACK_NOT_ADDED')))
  t.notOk(wasNeverAdded(new Error('why')))
})
