/** Tests the server's TURN credentials with a real TURN server and browsers that may only use relays. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { type ServeOptions, serve } from '../../../mod.ts'
import { browserFor } from '../../fixture/server-and-browser.ts'
import { secret, signed } from '../../fixture/tokens.ts'
import { startTurnServer } from '../../fixture/turn-server.ts'
import { meet, person } from '../fixture/in-page.ts'

const [turn, browser] = await Promise.all([startTurnServer(), browserFor(t)])
t.teardown(() => turn.stop())
const urls = [`turn:127.0.0.1:${turn.port}?transport=udp`]
const rtc = { iceTransportPolicy: 'relay' }

t.setTimeout(600_000)

/** Opens a page that connects with a token, because the server requires one. */
async function letIn(t: Test, name: string, url: string): Promise<Page> {
  return (await person(t, browser, url, name, { rtc, token: await signed({ sub: name }) })).page
}

async function server(t: Test, options: ServeOptions): Promise<string> {
  const server = await serve({ port: 0, tokens: { secret }, ...options })
  t.teardown(() => server.close())
  return server.url
}

/** Collects the candidates that a browser gathers with the server's ICE servers, and the errors. */
const ways = async (page: Page, forge: { username?: string; credential?: string } = {}) =>
  page.evaluate(
    async ([token, forge]) => {
      const answer = await fetch('/ice', { headers: { authorization: `Bearer ${token}` } })
      const { iceServers } = await answer.json()
      const connection = new RTCPeerConnection({
        iceServers: iceServers.map((server: RTCIceServer) => ({ ...server, ...forge })),
        iceTransportPolicy: 'relay',
      })
      const found = { ways: [] as unknown[], errors: [] as number[], username: iceServers[0].username as string }
      connection.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate?.candidate) found.ways.push(candidate.type)
      })
      connection.addEventListener('icecandidateerror', ({ errorCode }) => found.errors.push(errorCode))
      // The only TURN server has answered: with a candidate or with 401.
      const answered = new Promise((resolve) => {
        connection.addEventListener('icecandidate', ({ candidate }) => candidate?.candidate && resolve(undefined))
        connection.addEventListener('icecandidateerror', ({ errorCode }) => errorCode === 401 && resolve(undefined))
      })
      connection.createDataChannel('any')
      await connection.setLocalDescription()
      await answered
      connection.close()
      return found
    },
    [await signed({ sub: 'any' }), forge] as const,
  )

t.test('two peers that may only use relays connect over the TURN server', async (t) => {
  const url = await server(t, { turn: { urls, secret: turn.secret } })
  const [ada, bob] = [await letIn(t, 'Ada', url), await letIn(t, 'Bob', url)]
  await meet(ada, bob, 'relayed')
  const relayed = () =>
    bob.evaluate(async () => {
      const [peer] = here.room.peers.values()
      return (await peer.stats())?.relayed
    })
  t.equal(await relayed(), true)
  const { ways: found, username } = await ways(ada)
  t.strictSame([...new Set(found)], ['relay'])
  t.match(username, /^\d+:\d+$/)
})

t.test('the TURN server rejects expired and forged credentials', async (t) => {
  const expired = await letIn(t, 'Ada', await server(t, { turn: { urls, secret: turn.secret, ttl: -60_000 } }))
  t.match(await ways(expired), { ways: [], errors: [401] }, 'expired')
  const guessed = await letIn(t, 'Bob', await server(t, { turn: { urls, secret: `${turn.secret}.` } }))
  t.match(await ways(guessed), { ways: [], errors: [401] }, 'made with another secret')
  const good = await letIn(t, 'Eve', await server(t, { turn: { urls, secret: turn.secret } }))
  t.match(await ways(good), { ways: ['relay'], errors: [] })
  const { username } = await ways(good)
  const [expires, id] = username.split(':')
  t.match(
    await ways(good, { username: `${Number(expires) + 3_600}:${id}` }),
    { ways: [], errors: [401] },
    'with a later expiry',
  )
  t.match(
    await ways(good, { credential: 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=' }),
    { ways: [], errors: [401] },
    'with an invented credential',
  )
})
