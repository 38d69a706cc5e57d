import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, SignJWT, UnsecuredJWT } from 'jose'
import t from 'tap'
import type { Identity } from '../../../src/core/mod.ts'
import { SignalError } from '../../../src/protocol/mod.ts'
import { type TokenOptions, tokenChecker } from '../../../src/server/identity/tokens.ts'
import { secret, signed, signer } from '../../fixture/tokens.ts'

const NOW = 1_700_000_000
const complaints: string[] = []
const world = {
  now: () => NOW * 1_000,
  readText: async (): Promise<string> => '',
  complain: (message: string) => void complaints.push(message),
}

async function refused(check: (token: string) => Promise<Identity>, token: string): Promise<string> {
  const error = await check(token).then(
    () => undefined,
    (error) => error,
  )
  if (!(error instanceof SignalError) || error.code !== 'unauthorized') throw new Error(`Not refused: ${error}`)
  return error.message
}

t.test('HS256: claims become an identity', async (t) => {
  const check = tokenChecker({ secret }, world)
  t.strictSame(await check(await signed({ sub: 'ada' })), { auth: 'ada' })
  const all = { name: 'Ada', rooms: ['lab', 'hall-*'], create: false, publish: false, subscribe: false, admin: true }
  const token = await signed({ ...all, sub: 'ada', exp: NOW + 60, nbf: NOW, iat: NOW, aud: 'any', other: 1 })
  t.strictSame(await check(token), { auth: 'ada', ...all, expires: (NOW + 60) * 1_000 })
})

t.test('a text that is no token, or a token that the issuer has not signed, is rejected', async (t) => {
  const check = tokenChecker({ secret }, world)
  const good = await signed({ sub: 'ada' })
  const [header, payload, signature] = good.split('.') as [string, string, string]
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const { jwk, sign } = await signer('RS256', 'one')
  for (const [name, token] of [
    ['nothing', ''],
    ['a word', 'ada'],
    ['an object', encoded({ sub: 'ada' })],
    ['another secret', await signed({ sub: 'ada' }, `${secret}.`)],
    ['a payload that was changed', `${header}.${encoded({ sub: 'eve' })}.${signature}`],
    ['no signature', `${header}.${payload}.`],
    ['alg none', new UnsecuredJWT({ sub: 'ada' }).encode()],
    ['alg None', `${encoded({ alg: 'None' })}.${payload}.`],
    ['HS384', await signed({ sub: 'ada' }, secret, 'HS384')],
    ['HS512', await signed({ sub: 'ada' }, secret, 'HS512')],
    ['a key pair', await sign({ sub: 'ada' })],
    ['a header with a key of its own', `${encoded({ alg: 'RS256', jwk })}.${payload}.${signature}`],
    ['an extension that must be understood', `${encoded({ alg: 'HS256', crit: ['x'], x: 1 })}.${payload}.${signature}`],
  ] as const) {
    t.match(await refused(check, token), /^Cannot accept the token: it is not signed by who issues tokens here$/, name)
  }
})

t.test('a token is valid from nbf until exp', async (t) => {
  let now = NOW * 1_000
  const check = tokenChecker({ secret }, { ...world, now: () => now })
  const token = await signed({ sub: 'ada', nbf: NOW + 10, exp: NOW + 20 })
  for (const [seconds, good] of [
    [0, false],
    [9, false],
    [10, true],
    [19, true],
    [20, false],
    [1_000, false],
  ] as const) {
    now = (NOW + seconds) * 1_000
    if (good) t.match(await check(token), { auth: 'ada' }, `after ${seconds} s`)
    else t.match(await refused(check, token), seconds < 10 ? /nbf/ : /expired/, `after ${seconds} s`)
  }
})

t.test('the audience and the issuer must match', async (t) => {
  const check = tokenChecker({ secret, audience: 'streams', issuer: 'https://id.example.org' }, world)
  const claims = { sub: 'ada', aud: 'streams', iss: 'https://id.example.org' }
  t.match(await check(await signed(claims)), { auth: 'ada' })
  t.match(await check(await signed({ ...claims, aud: ['other', 'streams'] })), { auth: 'ada' })
  t.match(await refused(check, await signed({ ...claims, aud: 'other' })), 'aud')
  t.match(await refused(check, await signed({ ...claims, aud: undefined })), 'aud')
  t.match(await refused(check, await signed({ ...claims, iss: 'https://id.example.com' })), 'iss')
  t.match(await refused(check, await signed({ ...claims, iss: undefined })), 'iss')
})

t.test('a token with an invalid claim is rejected with the name of the claim', async (t) => {
  const check = tokenChecker({ secret }, world)
  for (const [name, claims] of [
    ['sub', {}],
    ['sub', { sub: '' }],
    ['sub', { sub: 'x'.repeat(257) }],
    ['sub', { sub: '\ud800' }],
    ['name', { name: 5 }],
    ['name', { name: 'Ada\u202e' }],
    ['rooms.0', { rooms: ['lab\u200b'] }],
    ['rooms', { rooms: 'lab' }],
    ['rooms', { rooms: Array.from({ length: 257 }, () => 'lab') }],
    ['rooms.0', { rooms: [5] }],
    ['create', { create: 'false' }],
    ['publish', { publish: 0 }],
    ['subscribe', { subscribe: null }],
    ['admin', { admin: 'true' }],
  ] as [string, object][]) {
    const token = await signed({ ...(name === 'sub' ? {} : { sub: 'ada' }), ...claims })
    t.equal(await refused(check, token), `Cannot accept the token: its claim ${name} is not what it must be`)
  }
  t.match(await refused(check, await signed({ sub: 'ada', exp: 'soon' as unknown as number })), 'exp')
})

for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
  t.test(`${alg}: tokens are checked with the keys of a set`, async (t) => {
    const [one, two, stranger] = [await signer(alg, 'one'), await signer(alg, 'two'), await signer(alg, 'one')]
    const text = JSON.stringify({ keys: [one.jwk, two.jwk] })
    const check = tokenChecker({ jwks: 'keys.json' }, { ...world, readText: async () => text })
    t.match(await check(await one.sign({ sub: 'ada' })), { auth: 'ada' })
    t.match(await check(await two.sign({ sub: 'bob' })), { auth: 'bob' })
    t.match(await refused(check, await stranger.sign({ sub: 'ada' })), 'not signed', 'a known kid is not enough')
    t.match(
      await refused(check, await signed({ sub: 'ada' })),
      'not signed',
      'a token signed with a secret is rejected',
    )
    // Algorithm confusion: an HMAC with the public key as its secret. Everybody knows the public key.
    const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'one' })).toString('base64url')
    const body = `${head}.${Buffer.from('{"sub":"ada"}').toString('base64url')}`
    for (const known of [text, JSON.stringify(one.jwk), String(one.jwk.n ?? one.jwk.x)]) {
      const forged = `${body}.${createHmac('sha256', known).update(body).digest('base64url')}`
      t.match(await refused(check, forged), 'not signed')
    }
  })
}

t.test('a token of another algorithm is rejected though its key has the same kid', async (t) => {
  const { jwk } = await signer('RS256', 'one')
  const pair = await signer('PS256', 'one')
  const check = tokenChecker(
    { jwks: 'keys.json' },
    { ...world, readText: async () => JSON.stringify({ keys: [jwk, { ...pair.jwk, alg: undefined }] }) },
  )
  t.match(await refused(check, await pair.sign({ sub: 'ada' })), 'not signed')
})

t.test('a secret in a set of keys is not used', async (t) => {
  const k = Buffer.from(secret).toString('base64url')
  const text = JSON.stringify({ keys: [{ kty: 'oct', k, kid: 'one' }] })
  const check = tokenChecker({ jwks: 'keys.json' }, { ...world, readText: async () => text })
  const key = await importJWK({ kty: 'oct', k }, 'HS256')
  const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(key)
  t.match(await refused(check, token), 'not signed')
})

t.test('keys are loaded over HTTP', async (t) => {
  const one = await signer('ES256', 'one')
  let asked = 0
  let status = 200
  const server = createServer((_, response) => {
    asked++
    response.writeHead(status).end(JSON.stringify({ keys: [one.jwk] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  const check = tokenChecker({ jwks }, world)
  const token = await one.sign({ sub: 'ada' })
  t.same(await Promise.all([check(token), check(token)]), [{ auth: 'ada' }, { auth: 'ada' }])
  t.equal(asked, 1, 'one request for both tokens')
  status = 500
  t.match(await refused(tokenChecker({ jwks }, world), token), 'cannot be checked now')
  t.match(complaints, [/key set cannot be loaded: .* answers 500/], 'the operator learns the reason')
})

t.test('a change of the time of day changes neither the age of keys nor the pause between loads', async (t) => {
  const [known, stranger] = [await signer('ES256', 'one'), await signer('ES256', 'two')]
  let [now, loads] = [NOW * 1_000, 0]
  const readText = async () => {
    loads++
    return JSON.stringify({ keys: [known.jwk] })
  }
  const check = tokenChecker({ jwks: 'keys.json' }, { ...world, readText, now: () => now })
  const [token, unknown] = [await known.sign({ sub: 'ada' }), await stranger.sign({ sub: 'ada' })]
  await check(token)
  t.equal(loads, 1)
  now += 86_400_000
  await check(token)
  t.equal(loads, 1, 'the keys are not a day old')
  await refused(check, unknown)
  t.equal(loads, 2)
  now += 86_400_000
  await refused(check, unknown)
  t.equal(loads, 2, 'the pause after a load without the wanted key lasts')
})

t.test('invalid options throw a TypeError', async (t) => {
  for (const options of [{}, { secret: '' }, { secret, jwks: 'keys.json' }] as TokenOptions[]) {
    t.throws(() => tokenChecker(options, world), TypeError)
  }
})
