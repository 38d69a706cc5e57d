/**
 * A large amplifier, 256 channels at 2,048 Hz, live from one browser process to another: what is lost, and how busy the
 * two pages are with it. Run it with `node bench/streaming.ts`; `--quick` for 3 s instead of 30.
 */
import process from 'node:process'
import type { CDPSession, Page } from 'playwright-core'
import { launchChromium, openPage } from '../test/fixture/chromium.ts'
import { commands, startServer } from '../test/fixture/server.ts'

const CHANNELS = 256
const RATE = 2_048
const seconds = process.argv.includes('--quick') ? 3 : 30
const companion = '/modules/peer/mod.ts'

const server = await startServer(commands.node)
const browsers = await Promise.all([launchChromium(), launchChromium()])
try {
  const [sender, receiver] = (await Promise.all(browsers.map((browser) => openPage(browser, server.url)))) as [
    Page,
    Page,
  ]
  const counted = receiver.evaluate(count, [companion, CHANNELS] as const)
  const sent = sender.evaluate(stream, [companion, CHANNELS, RATE, seconds] as const)
  // Joining and the first chunks are not what is measured.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  const watched = await Promise.all([watch(sender), watch(receiver)])
  const before = await Promise.all(watched.map(busy))
  await new Promise((resolve) => setTimeout(resolve, (seconds - 1) * 1_000))
  const after = await Promise.all(watched.map(busy))
  const { samples } = await sent
  const { received, missed } = await counted
  if (received + missed !== samples) throw new Error(`${samples} samples were sent, ${received} came, ${missed} missed`)
  console.log(
    `${CHANNELS} × ${RATE} Hz for ${seconds} s: ${received} of ${samples} samples came, ${missed} missed (goal 0)`,
  )
  for (const [i, name] of ['sender', 'receiver'].entries()) {
    const share =
      ((after[i] as Busy).task - (before[i] as Busy).task) / ((after[i] as Busy).at - (before[i] as Busy).at)
    console.log(`main thread of the ${name}: busy ${(share * 100).toFixed(1)} % of the time (goal < 25 %)`)
  }
} finally {
  await Promise.all(browsers.map((browser) => browser.close()))
  await server.stop()
}

interface Busy {
  /** Seconds. */
  at: number
  task: number
}

async function watch(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  return session
}

/** How long the page's main thread has been at work, as Chromium counts it (DevTools protocol, `TaskDuration`). */
async function busy(session: CDPSession): Promise<Busy> {
  const { metrics } = await session.send('Performance.getMetrics')
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
  return { at: value('Timestamp'), task: value('TaskDuration') }
}

/** In the sender's page: 20 ms at a time, as drivers hand them over. */
async function stream([companion, channels, rate, seconds]: readonly [string, number, number, number]) {
  const { connect } = await import(companion)
  const room = await (await connect('/signal')).join('streaming', { create: true })
  const labels = Array.from({ length: channels }, (_, i) => ({ label: String(i), unit: 'µV', type: 'EEG' }))
  const publication = room.publish({ name: 'EEG', format: 'float32', nominalRate: rate, channels: labels })
  await new Promise((resolve) => {
    // biome-ignore lint/suspicious/noExplicitAny: the companion comes by URL, without its types
    room.addEventListener('peer', ({ detail: peer }: any) => peer.addEventListener('connect', resolve))
  })
  const start = performance.now()
  let samples = 0
  while (samples < rate * seconds) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - start) / 1_000) * rate))
    const block = new Float32Array((due - samples) * channels)
    for (let i = 0; i < block.length; i++) block[i] = samples + Math.floor(i / channels)
    publication.push(block)
    samples = due
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  publication.stop()
  return { samples }
}

/** In the receiver's page: every row is looked at. */
async function count([companion, channels]: readonly [string, number]) {
  const { connect } = await import(companion)
  const room = await (await connect('/signal')).join('streaming', { create: true })
  // biome-ignore lint/suspicious/noExplicitAny: the companion comes by URL, without its types
  const stream: any = await new Promise((resolve) => {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    room.addEventListener('peer', ({ detail: peer }: any) => {
      // biome-ignore lint/suspicious/noExplicitAny: as above
      peer.addEventListener('stream', ({ detail }: any) => resolve(detail))
    })
  })
  let received = 0
  let missed = 0
  for await (const chunk of stream) {
    if (chunk.data[0] !== received + missed + chunk.missed) throw new Error('A sample is not where it belongs')
    missed += chunk.missed
    received += chunk.data.length / channels
  }
  return { received, missed }
}
