import type { JSONWebKeySet, JWTHeaderParameters } from 'jose'
import t from 'tap'
import { KeysUnavailable, keySet } from '../../../src/server/identity/key-set.ts'
import { type Signer, signer } from '../../fixture/tokens.ts'

const [old, next] = [await signer('ES256', 'old'), await signer('ES256', 'next')]
const header = (kid: string): JWTHeaderParameters => ({ alg: 'ES256', kid })
const noToken = { payload: '', signature: '' }

/** A set of keys that a test can change, and the number of its loads. */
function kept(...signers: Signer[]) {
  const state = { now: 0, loads: 0, keys: signers, fails: false }
  const load = async (): Promise<JSONWebKeySet> => {
    state.loads++
    if (state.fails) throw new Error('unreachable')
    return { keys: state.keys.map(({ jwk }) => jwk) }
  }
  return { state, find: keySet({ load, now: () => state.now }) }
}

t.test('an unknown key reloads the set, but not every time', async (t) => {
  const { state, find } = kept(old)
  await find(header('old'), noToken)
  await find(header('old'), noToken)
  t.equal(state.loads, 1)
  state.keys = [next]
  await Promise.all([find(header('next'), noToken), find(header('next'), noToken)])
  t.equal(state.loads, 2, 'at once, and once for all callers that wait')
  await t.rejects(find(header('old'), noToken), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'the old key is gone')
  t.equal(state.loads, 3)
  state.keys = [next, old]
  for (let i = 0; i < 100; i++) await find(header(`forged ${i}`), noToken).catch(() => {})
  await t.rejects(find(header('old'), noToken), { code: 'ERR_JWKS_NO_MATCHING_KEY' })
  t.equal(state.loads, 3, 'no reload soon after one without success')
  state.now += 10_000
  await find(header('old'), noToken)
  for (let i = 0; i < 100; i++) await find(header(`forged ${i}`), noToken).catch(() => {})
  t.equal(state.loads, 5, 'many forged tokens cause few loads')
})

t.test('old keys are loaded again after ten minutes', async (t) => {
  const { state, find } = kept(old)
  await find(header('old'), noToken)
  state.now += 599_999
  await find(header('old'), noToken)
  t.equal(state.loads, 1)
  state.keys = []
  state.now += 1
  await t.rejects(find(header('old'), noToken), { code: 'ERR_JWKS_NO_MATCHING_KEY' }, 'a revoked key is gone')
  t.equal(state.loads, 2)
})

t.test('keys that cannot be loaded throw KeysUnavailable, and known keys stay', async (t) => {
  const { state, find } = kept(old)
  state.fails = true
  await t.rejects(find(header('old'), noToken), KeysUnavailable)
  await t.rejects(find(header('old'), noToken), { cause: { message: 'unreachable' } })
  t.equal(state.loads, 1, 'many tokens cause few loads')
  state.fails = false
  state.now += 10_000
  await find(header('old'), noToken)
  state.fails = true
  state.now += 600_000
  await find(header('old'), noToken)
  t.equal(state.loads, 3, 'known keys stay')
})

t.test('data that is no set of keys throws KeysUnavailable', async (t) => {
  const find = keySet({ load: async () => [] as unknown as JSONWebKeySet, now: () => 0 })
  await t.rejects(find(header('old'), noToken), KeysUnavailable)
})
