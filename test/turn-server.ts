import t from 'tap'
import { browserFor } from './fixture/server-and-browser.ts'
import { startTurnServer } from './fixture/turn-server.ts'
import { startUdpProxy } from './fixture/udp-proxy.ts'

t.setTimeout(600_000)

interface Gathered {
  relayed: boolean
  errors: number[]
}

t.test('the TURN server checks credentials, works behind the proxy, and stops', async (t) => {
  const turn = await startTurnServer()
  t.teardown(() => turn.stop())
  const proxy = await startUdpProxy(turn.port, 1)
  t.teardown(() => proxy.close())
  const browser = await browserFor(t)
  const page = await browser.newPage()
  const gather = (iceServer: object): Promise<Gathered> => page.evaluate(gatherRelay, iceServer)

  t.match(await gather(turn.iceServer()), { relayed: true, errors: [] })
  t.equal(proxy.counts.forwarded, 0)
  t.match(await gather(turn.iceServer(proxy.port)), { relayed: true, errors: [] })
  t.ok(proxy.counts.forwarded > 0, `${proxy.counts.forwarded} packets`)
  t.match(await gather({ ...turn.iceServer(), credential: 'wrong' }), { relayed: false, errors: [401] })

  t.ok(process.kill(turn.pid, 0))
  await turn.stop()
  t.throws(() => process.kill(turn.pid, 0), { code: 'ESRCH' })
})

/** Runs in the page. Gathers relay candidates and errors. */
async function gatherRelay(iceServer: object): Promise<Gathered> {
  const connection = new RTCPeerConnection({ iceServers: [iceServer as RTCIceServer], iceTransportPolicy: 'relay' })
  const gathered: Gathered = { relayed: false, errors: [] }
  const over = new Promise<void>((resolve) => {
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.type === 'relay') gathered.relayed = true
      if (candidate === null) resolve()
    })
  })
  connection.addEventListener('icecandidateerror', ({ errorCode }) => gathered.errors.push(errorCode))
  connection.createDataChannel('any')
  await connection.setLocalDescription()
  await over
  connection.close()
  return gathered
}
