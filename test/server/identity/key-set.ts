import type { JSONWebKeySet, JWTHeaderParameters } from 'jose'
import t from 'tap'
import { KeysUnavailable, keySet } from '../../../src/server/identity/key-set.ts'
import { type Signer, signer } from '../../fixture/tokens.ts'

const [old, next] = [await signer('ES256', 'old'), await signer('ES256', 'next')]
const header = (kid: string): JWTHeaderParameters => ({ alg: 'ES256', kid })
const noToken = { payload: '', signature: '' }

/** A set of keys that a test changes, and how often it was asked for. */
function kept(...signers: Signer[]) {
  const state = { now: 0, loads: 0, keys: signers, fails: false }
  const load = async (): Promise<JSONWebKeySet> => {
    state.loads++
    if (state.fails) throw new Error('unreachable')
    return { keys: state.keys.map(({ jwk }) => jwk) }
  }
  return { state, find: keySet({ load, now: () => state.now }) }
}

t.test('a key that is not known is looked for, though not again and again', async (t) => {
  const { state, find } = kept(old)
  await find(header('old'), noToken)
  await find(header('old'), noToken)
  t.equal(state.loads, 1)
  state.keys = [next]
  await Promise.all([find(header('next'), noToken), find(header('next'), noToken)])
  t.equal(state.loads, 2, 'at once, and once for all who wait')
  await t.rejects(find(header('old'), noToken), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'and the old one is gone')
  t.equal(state.loads, 3)
  state.keys = [next, old]
  for (let i = 0; i < 100; i++) await find(header(`forged ${i}`), noToken).catch(() => {})
  await t.rejects(find(header('old'), noToken), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  t.equal(state.loads, 3, 'not so soon after it was in vain')
  state.now += 10_000
  await find(header('old'), noToken)
  for (let i = 0; i < 100; i++) await find(header(`forged ${i}`), noToken).catch(() => {})
  t.equal(state.loads, 5, 'a flood of tokens is no flood of questions')
})

t.test('keys that are old are loaded anew', async (t) => {
  const { state, find } = kept(old)
  await find(header('old'), noToken)
  state.now += 599_999
  await find(header('old'), noToken)
  t.equal(state.loads, 1)
  state.keys = []
  state.now += 1
  await t.rejects(find(header('old'), noToken), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'one that was taken back')
  t.equal(state.loads, 2)
})

t.test('keys that cannot be loaded', async (t) => {
  const { state, find } = kept(old)
  state.fails = true
  await t.rejects(find(header('old'), noToken), KeysUnavailable)
  await t.rejects(find(header('old'), noToken), { cause: { message: 'unreachable' } })
  t.equal(state.loads, 1, 'a flood of tokens is no flood of questions')
  state.fails = false
  state.now += 10_000
  await find(header('old'), noToken)
  state.fails = true
  state.now += 600_000
  await find(header('old'), noToken)
  t.equal(state.loads, 3, 'those that are known stay')
})

t.test('what is no set of keys', async (t) => {
  const find = keySet({ load: async () => [] as unknown as JSONWebKeySet, now: () => 0 })
  await t.rejects(find(header('old'), noToken), KeysUnavailable)
})
