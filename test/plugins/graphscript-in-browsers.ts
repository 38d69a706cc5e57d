import t from 'tap'
import { serverAndBrowser } from '../fixture/server-and-browser.ts'
import { enter, graphPage, waits } from './fixture/graphscript-page.ts'

t.setTimeout(600_000)
// The tests mostly wait, and each has its own room.
t.jobs = 2
const { server, browser } = await serverAndBrowser(t)

/** Opens two pages whose graphs join one room. */
async function pair(t: Parameters<typeof graphPage>[0], room: string) {
  const [ada, bob] = await Promise.all([graphPage(t, browser, server.url), graphPage(t, browser, server.url)])
  // Request history, because links may open after the first samples.
  const join = { create: true, history: 60 }
  await enter(ada, room, 'Ada', { join })
  await enter(bob, room, 'Bob', { join })
  await Promise.all([waits(ada, 'joined', 'Bob'), waits(bob, 'joined', 'Ada')])
  return { ada, bob }
}

t.test('samples from a node of one graph reach a node of the other', async (t) => {
  const { ada, bob } = await pair(t, 'samples')
  const complaints: string[] = []
  bob.on('pageerror', (error) => complaints.push(error.message))
  await bob.evaluate(() => {
    // An error of the app must not stop later samples. graphscript itself skips the listeners before this one.
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
  // Send each value in its own task, as devices do. Values of one task leave in one chunk.
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
  t.strictSame(columns('2'), [9], 'an array is one sample with one channel for each value')
  t.strictSame(columns('0'), [7, 10.25], 'a string does not fit a float channel')
  for (const { data, timestamps } of heard) {
    t.ok(Object.values(data).every((column) => (column as unknown[]).length === timestamps.length))
  }
  const { errors, lost } = await ada.evaluate(() => ({
    errors: app.heard.error?.map((error) => String(error)),
    lost: app.heard.lost,
  }))
  t.match(errors, [/float64/, /description/, /different numbers of samples/])
  t.strictSame(lost, [1, 2, 3])
})

t.test('a source given to the node before the join is published once', async (t) => {
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
  // The server tells Bob of Ada, and maybe sooner than Ada's page has taken her own answer.
  await ada.waitForFunction(() => app.graph.get('room').status === 'joined')
  await ada.evaluate(() => {
    const { graph, track } = app as typeof app & { track: { addData(values: number[], timestamps: number[]): void } }
    graph.run('room', { addTrack: 1 })
    let sample = 0
    setInterval(() => track.addData([++sample], [sample]), 20)
  })
  // A second publication would be a stream of its own, with values between those of the first.
  await bob.waitForFunction(() => Number(app.heard.remote?.filter(({ data }) => data.TP9 !== undefined).length) >= 20)
  const { heard, lost } = {
    heard: await bob.evaluate(() => app.heard.remote ?? []),
    lost: await ada.evaluate(() => app.graph.get('room').lost),
  }
  const values = heard.flatMap(({ data }) => data.TP9 ?? [])
  t.strictSame(
    values,
    values.map((_, i) => values[0] + i),
    'the source is published once',
  )
  t.equal(lost, 1, 'only the sample before the join is lost')
})

t.test('a removed node leaves no sockets, links or timers, and can be added again', async (t) => {
  const { ada, bob } = await pair(t, 'teardown')
  await ada.evaluate(() => void app.graph.run('device', 1))
  await waits(bob, 'remote', '[1]')
  const { timers, links, status } = await ada.evaluate(() => {
    const { graph, connections, timers } = app
    // Ada's prepared connection is closed, because nobody was in the room when she joined.
    const links = connections.filter(({ signalingState }) => signalingState !== 'closed').length
    const before = { timers: timers.size, links }
    const room = graph.remove('room')
    graph.run('device', 2)
    return { ...before, status: room.status }
  })
  t.match({ timers, links, status }, { links: 1, status: 'closed' })
  t.ok(timers > 0, 'the node had timers')
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
  // Removing a node before it has connected is not an error.
  const hasty = await ada.evaluate(async () => {
    const { graph, roomNode } = app
    graph.load({ hasty: roomNode({ url: '/signal', room: 'teardown' }) })
    const hasty = graph.remove('hasty')
    const isClosed = () => app.sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN).length === 1
    while (!isClosed()) await new Promise((resolve) => setTimeout(resolve, 10))
    // Let the node handle the closed socket first.
    await new Promise((resolve) => setTimeout(resolve, 0))
    return { status: hasty.status, error: hasty.error }
  })
  t.strictSame(hasty, { status: 'closed', error: undefined })
  await ada.waitForFunction(() => app.sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN).length === 1)
})

t.test('a failed connection and a closed room are reported', async (t) => {
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
