import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Page } from 'playwright-core'
import t from 'tap'
import { Op } from '../../../mod.ts'
import { BinaryClient } from '../../fixture/client.ts'
import { commands, startServer } from '../../fixture/server.ts'
import { serverAndBrowser } from '../../fixture/server-and-browser.ts'
import { enter, hears, logs, pairIn, person } from '../fixture/in-page.ts'

t.setTimeout(600_000)
// The tests mostly wait, and each has its own room.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)

const ramp = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const publication = here.room.publish({ name: 'ramp', format: 'int32' })
    let next = 0
    setInterval(() => publication.push([next++], next), 10)
  })

t.test('a newcomer connects to present peers, and a peer that leaves or closes its page is removed', async (t) => {
  const { ada, bob } = await pairIn(t, [browser, browser], server.url, 'leave')
  await logs(bob.page, 'peer Ada')
  t.strictSame(await ada.page.evaluate(() => [...here.room.peers.keys()]), [
    await bob.page.evaluate(() => here.session.id),
  ])
  const rooms = await ada.page.evaluate(() => here.session.rooms())
  t.equal(rooms.filter(({ name }: { name: string }) => name === 'leave').length, 1)
  await bob.page.evaluate(() => here.room.leave())
  await logs(ada.page, 'peerleave Bob')
  t.equal(await ada.page.evaluate(() => here.room.peers.size), 0)
  await enter(bob.page, 'leave')
  await logs(ada.page, 'connect Bob', 2)
  await bob.page.close()
  await logs(ada.page, 'peerleave Bob', 2)
  t.equal(await ada.page.evaluate(() => here.open), 0)
})

t.test('leaving and rejoining a hundred times leaks no links', async (t) => {
  const ada = await person(t, browser, server.url, 'Ada')
  const bob = await person(t, browser, server.url, 'Bob')
  await enter(ada.page, 'again')
  await ada.page.evaluate(() => here.room.publish({ name: 'one', format: 'int8' }))
  await bob.page.evaluate(async () => {
    for (let i = 0; i < 100; i++) {
      const { made } = here
      const room = await here.session.join('again')
      const connection = () => (here.made > made ? here.connections.at(-1) : undefined)
      // In every second round Bob leaves while he connects: as soon as one of these stages is reached.
      const stages = [
        () => true,
        () => room.peers.size > 0,
        () => connection() !== undefined,
        () => (connection()?.remoteDescription ?? null) !== null,
        () => (connection()?.iceConnectionState ?? 'new') !== 'new',
      ]
      if (i % 2 === 0) {
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`No stream in round ${i}`)), 60_000)
          // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
          room.addEventListener('peer', ({ detail: peer }: any) => {
            peer.addEventListener('stream', () => {
              clearTimeout(timer)
              resolve()
            })
          })
        })
      } else {
        const isSo = stages[(i >> 1) % stages.length] as () => boolean
        while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 0))
      }
      await room.leave()
    }
  })
  await logs(ada.page, 'peerleave Bob', 100)
  for (const { page } of [ada, bob]) {
    await page.waitForFunction(() => here.open === 0)
    t.ok((await page.evaluate(() => here.made)) >= 50)
    t.equal(await page.evaluate(() => here.session.droppedFrames), 0)
  }
  t.equal(await ada.page.evaluate(() => here.room.peers.size), 0)
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.test('peers that share two rooms have two links', async (t) => {
  const ada = await person(t, browser, server.url, 'Ada')
  const bob = await person(t, browser, server.url, 'Bob')
  for (const room of ['first', 'second']) {
    await enter(ada.page, room)
    await enter(bob.page, room)
    await ramp(ada.page)
  }
  await logs(bob.page, 'stream ramp', 2)
  t.equal(await bob.page.evaluate(() => here.open), 2)
})

t.test('malformed signals from a hostile client do not harm other links', async (t) => {
  const { ada, bob } = await pairIn(t, [browser, browser], server.url, 'hostile')
  await ramp(ada.page)
  await hears(bob.page, 'ramp', 10)
  const eve = await BinaryClient.open(server.signal)
  t.teardown(() => eve.close())
  const entered = await eve.join('hostile')
  const peers = entered.peers.filter((id) => id !== eve.id)
  /** The number of the link to each peer. */
  const links = new Map<number, number>()
  for (const _ of peers) {
    const [, arrival] = await eve.take(([op]) => op === Op.connect)
    const { id, link } = arrival as unknown as { id: number; link: number }
    links.set(id, link)
  }
  const sdp = 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=application 9 x\r\na=mid:0\r\n'
  const ops = [Op.offer, Op.answer, Op.candidate, Op.signal, Op.data]
  const bodies = (link: unknown) => [
    null,
    'junk',
    [],
    {},
    new Uint8Array(1_000),
    { link },
    { type: 'offer', sdp: 7, link },
    { type: 'offer', sdp: 'junk', link },
    { type: 'rollback', sdp: '', link },
    { type: 'answer', sdp, link },
    { candidate: { candidate: 'x' }, link },
    { candidate: 'candidate:1 1 udp 1 1.2.3.4 9 typ host', sdpMid: '9', sdpMLineIndex: 9, link },
    { type: 'renegotiate', renegotiate: true, link },
    { type: 'transceiverRequest', transceiverRequest: { kind: 'video', init: { direction: 1 } }, link },
    { __proto__: { link }, polluted: true },
  ]
  const sendAll = (peer: number, link: unknown) => {
    for (const body of bodies(link)) {
      for (const op of ops) eve.send([op, peer, body])
    }
  }
  for (const peer of peers) {
    for (const link of [0, -1, 'x', null, 1, 2 ** 53 - 1, ...links.values()]) sendAll(peer, link)
    // Frames near the size limit. Their total is 2 MB, half of what the server buffers for a slow reader.
    for (const link of links.values()) {
      for (const op of ops) eve.send([op, peer, { type: 'offer', sdp: 'x'.repeat(200_000), link }])
    }
    // The body is not msgpack. The server forwards it without decoding it.
    const unreadable = Uint8Array.of(0x93, Op.offer, 0xcf, 0, 0, 0, 0, 0, 0, 0, 0, 0xc1, 0xc1)
    new DataView(unreadable.buffer).setBigUint64(3, BigInt(peer))
    eve.socket.send(unreadable)
    // A valid-looking offer that WebRTC rejects closes the sender's own link.
    eve.send([Op.offer, peer, { type: 'offer', sdp, link: links.get(peer) }])
  }
  await logs(ada.page, 'error link-failed')
  await logs(bob.page, 'error link-failed')
  // Signals without a link come from a client before version 1. They end a link without an error, so they are last.
  for (const peer of peers) sendAll(peer, undefined)
  const { values } = await hears(bob.page, 'ramp', 200)
  t.strictSame(
    values,
    values.map((_, i) => i + (values[0] as number)),
  )
  for (const { page, complaints } of [ada, bob]) {
    t.strictSame(complaints, [])
    t.equal(await page.evaluate(() => here.session.closed), false)
    t.ok((await page.evaluate(() => here.session.droppedSignals)) > 100)
    t.equal(await page.evaluate(() => here.session.droppedFrames), 1)
    t.equal(await page.evaluate(() => here.open), 1)
    t.equal(await page.evaluate(() => 'polluted' in {}), false)
  }
  // Both peers still accept signals: a new peer can connect to them.
  const dan = await person(t, browser, server.url, 'Dan')
  await enter(dan.page, 'hostile')
  await hears(dan.page, 'ramp', 10)
})

t.test('invalid data on a data channel closes that link only', async (t) => {
  const ada = await person(t, browser, server.url, 'Ada')
  const bob = await person(t, browser, server.url, 'Bob')
  const eve = await person(t, browser, server.url, 'Eve')
  await eve.page.evaluate(() => {
    const { send } = RTCDataChannel.prototype
    // Eve sends a text before each of her messages.
    RTCDataChannel.prototype.send = function (data: never) {
      send.call(this, 'text' as never)
      send.call(this, data)
    }
  })
  for (const { page } of [ada, bob, eve]) await enter(page, 'channel')
  await ramp(ada.page)
  await hears(bob.page, 'ramp', 10)
  await eve.page.evaluate(() => here.room.publish({ name: 'junk' }))
  await logs(bob.page, 'error bad-control')
  await logs(bob.page, 'close Eve')
  await hears(bob.page, 'ramp', (await hears(bob.page, 'ramp', 0)).values.length + 50)
  t.strictSame([...ada.complaints, ...bob.complaints], [])
})

t.test('links survive the loss of the server until the session is closed', async (t) => {
  const another = await startServer(commands.bun)
  const { ada } = await pairIn(t, [browser, browser], another.url, 'gone')
  await ada.page.evaluate(() => {
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes without its types
    here.session.addEventListener('close', ({ detail }: any) => here.log.push(`closed ${detail.code}`))
    // biome-ignore lint/suspicious/noExplicitAny: as above
    here.session.addEventListener('reconnecting', ({ detail }: any) => here.log.push(`reconnecting ${detail.code}`))
  })
  await another.stop()
  await logs(ada.page, 'reconnecting 1012')
  t.equal(await ada.page.evaluate(() => here.open), 1)
  await ada.page.evaluate(() => here.session.close())
  await logs(ada.page, 'closed 1000')
  await logs(ada.page, 'peerleave Bob')
  t.equal(await ada.page.evaluate(() => here.open), 0)
  const code = await ada.page.evaluate(() => here.session.join('gone').catch((error: { code: string }) => error.code))
  t.equal(code, 'closed')
})

t.end()

t.test('a pair connects although another program listens on the port of the server at [::1]', async (t) => {
  // One RTCPeerConnection of wrtc listens on a free port of each address for ICE over TCP (RFC 6544). A browser that
  // connects to `localhost` tries [::1] first, and waits there for an answer that never comes.
  let accepted = 0
  const other = createServer(() => accepted++)
  t.teardown(() => other.close())
  other.listen({ host: '::1', port: Number(new URL(server.url).port) })
  const [failure] = await Promise.race([once(other, 'listening'), once(other, 'error')])
  if (failure !== undefined) return t.comment(`skipped: this machine has no [::1]: ${failure}`)
  const { ada, bob } = await pairIn(t, [browser, browser], server.url, 'ports')
  await Promise.all([logs(ada.page, 'connect Bob'), logs(bob.page, 'connect Ada')])
  t.equal(accepted, 0)
})
