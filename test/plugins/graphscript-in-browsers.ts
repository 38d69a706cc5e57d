import t from 'tap'
import { serverAndBrowser } from '../fixture/server-and-browser.ts'
import { enter, graphPage, waits } from './fixture/graphscript-page.ts'

t.setTimeout(600_000)
// Most of each is waiting, and each has a room of its own.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)

/** Two pages whose graphs are in one room. */
async function pair(t: Parameters<typeof graphPage>[0], room: string) {
  const [ada, bob] = await Promise.all([graphPage(t, browser, server.url), graphPage(t, browser, server.url)])
  // Links may open later than the first samples come.
  const join = { create: true, history: 60 }
  await enter(ada, room, 'Ada', { join })
  await enter(bob, room, 'Bob', { join })
  await Promise.all([waits(ada, 'joined', 'Bob'), waits(bob, 'joined', 'Ada')])
  return { ada, bob }
}

t.test('what a node of one graph gives, a node of the other hears', async (t) => {
  const { ada, bob } = await pair(t, 'samples')
  const complaints: string[] = []
  bob.on('pageerror', (error) => complaints.push(error.message))
  await bob.evaluate(() => {
    // An app's own fault must not cost it what follows; graphscript itself leaves out the listeners before it.
    app.graph.subscribe('room.remote', ({ data }: { data: Record<string, unknown[]> }) => {
      if (data.Fp1?.includes(0.5)) throw new Error('of the app')
    })
  })
  const given: unknown[] = [
    { Fp1: 0.5, Fp2: 0.25, timestamp: 996 },
    { Fp1: 1.5, Fp2: -2, timestamp: 1_000 },
    { Fp1: [3, 4], Fp2: [5, 6], timestamp: [1_004, 1_008] },
    [7, 8, 9],
    10.25,
    'eyes closed',
    { timestamp: 1 },
    { left: [1, 2], right: [3] },
    { Fp1: 11, Fp2: 12 },
  ]
  // Each in a task of its own, as devices give them: what comes in one task leaves in one chunk.
  for (const value of given) await ada.evaluate((value) => void app.graph.run('device', value), value)
  await ada.evaluate(() => void app.graph.run('device', { Fp1: new Float32Array([13, 14]), Fp2: [15, 16] }))
  await waits(bob, 'remote', '14')
  t.strictSame(complaints, ['of the app'])

  const { heard, peer } = await bob.evaluate(() => ({
    heard: app.heard.remote ?? [],
    peer: app.heard.joined?.[0].peer,
  }))
  for (const one of heard) t.match(one, { peer, name: 'Ada', stream: 'EEG', missed: 0 })
  const columns = (label: string) => heard.flatMap(({ data }) => data[label] ?? [])
  t.strictSame(columns('Fp1'), [1.5, 3, 4, 11, 13, 14])
  t.strictSame(columns('Fp2'), [-2, 5, 6, 12, 15, 16])
  t.strictSame(columns('2'), [9], 'an array is one sample of so many channels')
  t.strictSame(columns('0'), [7, 10.25], 'a string is no float')
  for (const { data, timestamps } of heard) {
    t.ok(Object.values(data).every((column) => (column as unknown[]).length === timestamps.length))
  }
  const { errors, lost } = await ada.evaluate(() => ({
    errors: app.heard.error?.map((error) => String(error)),
    lost: app.heard.lost,
  }))
  t.match(errors, [/float64/, /description/, /as many samples each/])
  t.strictSame(lost, [1, 2, 3])
})

t.test('a source that it was run with, also before it was in the room', async (t) => {
  const [ada, bob] = await Promise.all([graphPage(t, browser, server.url), graphPage(t, browser, server.url)])
  await ada.evaluate(() => {
    const { DataStream, DataStreamTrack } = app.api
    const stream = new DataStream()
    const track = new DataStreamTrack({ id: 'muse', constraints: {} }, undefined, 'TP9')
    stream.addTrack(track)
    const node = app.roomNode({ url: '/signal', room: 'source', connect: { info: { name: 'Ada' } } })
    app.graph.load({ room: node })
    app.graph.run('room', 1)
    app.graph.run('room', stream)
    app.graph.run('room', stream)
    Object.assign(app, { track })
  })
  await enter(bob, 'source', 'Bob')
  await waits(bob, 'joined', 'Ada')
  await ada.evaluate(() => {
    const { graph, track } = app as typeof app & { track: { addData(values: number[], timestamps: number[]): void } }
    graph.run('room', { addTrack: 1 })
    let sample = 0
    setInterval(() => track.addData([++sample], [sample]), 20)
  })
  // In a stream of its own, a second one would come between.
  await bob.waitForFunction(() => Number(app.heard.remote?.filter(({ data }) => data.TP9 !== undefined).length) >= 20)
  const { heard, lost } = {
    heard: await bob.evaluate(() => app.heard.remote ?? []),
    lost: await ada.evaluate(() => app.graph.get('room').lost),
  }
  const values = heard.flatMap(({ data }) => data.TP9 ?? [])
  t.strictSame(
    values,
    values.map((_, i) => values[0] + i),
    'published once',
  )
  t.equal(lost, 1, 'only a sample was too early')
})

t.test('a node that is removed leaves nothing behind, and can come again', async (t) => {
  const { ada, bob } = await pair(t, 'teardown')
  await ada.evaluate(() => void app.graph.run('device', 1))
  await waits(bob, 'remote', '[1]')
  const { timers, links, status } = await ada.evaluate(() => {
    const { graph, connections, timers } = app
    const before = { timers: timers.size, links: connections.length }
    const room = graph.remove('room')
    graph.run('device', 2)
    return { ...before, status: room.status }
  })
  t.match({ timers, links, status }, { links: 1, status: 'closed' })
  t.ok(timers > 0, 'there was something to leave behind')
  await waits(bob, 'left', 'Ada')
  await ada.waitForFunction(() => {
    const { sockets, connections, timers } = app
    const socketsClosed = sockets.every(({ readyState }) => readyState === WebSocket.CLOSED)
    return timers.size === 0 && socketsClosed && connections.every((link) => link.signalingState === 'closed')
  })
  const rooms = async () => (await (await fetch(`${server.url}rooms`)).json()) as { name: string; peers: number[] }[]
  t.equal((await rooms()).find(({ name }) => name === 'teardown')?.peers.length, 1)

  await enter(ada, 'teardown', 'Ada again')
  await waits(bob, 'joined', 'Ada again')
  // Removed before it has connected: it was asked for, and is no failure.
  const hasty = await ada.evaluate(async () => {
    const { graph, roomNode } = app
    graph.load({ hasty: roomNode({ url: '/signal', room: 'teardown' }) })
    const hasty = graph.remove('hasty')
    const isClosed = () => app.sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN).length === 1
    while (!isClosed()) await new Promise((resolve) => setTimeout(resolve, 10))
    // What it makes of that comes by then.
    await new Promise((resolve) => setTimeout(resolve, 0))
    return { status: hasty.status, error: hasty.error }
  })
  t.strictSame(hasty, { status: 'closed', error: undefined })
  await ada.waitForFunction(() => app.sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN).length === 1)
})

t.test('what ends it from outside is told', async (t) => {
  const page = await graphPage(t, browser, server.url)
  await page.evaluate(async () => {
    const { graph, roomNode, heard } = app
    graph.load({ room: roomNode({ url: '/nowhere', room: 'ends' }) })
    graph.subscribe('room.status', (status: string) => heard.status?.push(status))
  })
  await waits(page, 'status', 'failed')
  t.match(await page.evaluate(() => app.graph.get('room').error.code), 'unreachable')
  await page.evaluate(async (peer) => {
    app.graph.remove('room')
    app.heard.status = []
    const { connect } = await import(peer)
    const session = await connect('/signal')
    Object.assign(app, { owned: await session.join('ends', { create: true }) })
  }, '/test/companion.js')
  await enter(page, 'ends', 'Ada')
  await page.evaluate(() => (app as typeof app & { owned: { closeRoom(): Promise<void> } }).owned.closeRoom())
  await waits(page, 'status', 'closed')
  t.match(await page.evaluate(() => app.heard.error?.map(String)), [/closed/])
  await page.waitForFunction(() => app.sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN).length === 1)
  await page.evaluate(() => void app.graph.run('device', 1))
  t.strictSame(await page.evaluate(() => app.heard.lost), [1])
})
