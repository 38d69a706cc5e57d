import type { Page } from 'playwright-core'
import t from 'tap'
import { LiveserverPeers } from '../../plugins/liveserver-page.ts'
import { Router } from '../fixture/liveserver-router.ts'
import { startServer } from '../fixture/server.ts'
import { browserFor } from '../fixture/server-and-browser.ts'

declare global {
  // biome-ignore lint/suspicious/noExplicitAny: what the example stores, without types
  var example: any
}

t.test('errors from the server are thrown', async (t) => {
  const peers = new LiveserverPeers(async () => ({
    route: 'error',
    message: [{ code: 'room-full', reason: 'room-full', message: 'Cannot join the room: it is full (max 1)' }],
  }))
  const router = new Router()
  await router.load(peers)
  t.equal(peers.status, true)
  await t.rejects(peers.join('rooms/lab'), { code: 'room-full', name: 'SignalError' })
  await router.run('webrtc/offer', 'POST', ['nobody', '{}'], 'server')
  t.same(router.lost, [], 'signals from unknown peers are ignored')
  await router.run('webrtc/connect', 'POST', [null], 'server')
  t.match(router.lost, [{ code: 'bad-server' }])
})

t.test('users of one router share streams, in examples/liveserver.ts', { timeout: 580_000 }, async (t) => {
  const server = await startServer([process.execPath, 'examples/liveserver.ts'], [])
  t.teardown(() => server.stop('SIGKILL'))
  const browser = await browserFor(t)
  const complaints: string[] = []
  const open = async (query: string): Promise<Page> => {
    const page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(`${server.url}?${query}`)
    return page
  }
  const ada = await open('name=Ada')
  await ada.waitForFunction(() => document.querySelector<HTMLElement>('#streams')?.dataset.room === 'examples')
  const bob = await open('name=Bob')
  await ada.getByText(/^Bob, Heart: 6\d\.\d+$/).waitFor()
  await bob.getByText(/^Ada, Heart: 6\d\.\d+$/).waitFor()
  const links = () =>
    ada.evaluate(() => [...globalThis.example.room.peers.values()].map(({ state, info }) => [state, info]))
  t.same(await links(), [['connected', { name: 'Bob' }]])
  await bob.evaluate(() => globalThis.example.peers.close())
  await ada.getByText('Bob, Heart').waitFor({ state: 'detached' })
  t.same(await links(), [])

  await ada.evaluate(() => {
    globalThis.example.peers.addEventListener('roomadded', ({ detail }: CustomEvent) => {
      globalThis.example.asked = detail.restrictions.users
    })
  })
  // The first user of a pair is alone until the other has joined.
  const cid = await open('name=Cid&room=users/user-1')
  await cid.waitForFunction(() => globalThis.example?.room !== undefined)
  t.equal(await cid.evaluate(() => globalThis.example.room.peers.size), 0)
  t.same(await ada.evaluate(() => globalThis.example.asked), ['user-3', 'user-1'])
  const inPair = await ada.evaluate(async () => {
    const room = await globalThis.example.peers.join('users/user-3')
    return new Promise((resolve) => {
      room.addEventListener('peer', ({ detail }: CustomEvent) =>
        detail.addEventListener('connect', () => resolve(detail.info)),
      )
    })
  })
  t.same(inPair, { name: 'Cid' })
  await cid.close()
  await ada.waitForFunction(() => globalThis.example.room.peers.size === 0)
  t.same(await ada.evaluate(() => globalThis.example.router.lost.map(String)), [])
  t.same(complaints, [])
  t.notMatch(server.output.stderr, /Error/)
})
