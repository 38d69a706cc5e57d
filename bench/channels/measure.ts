import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchChromium } from '../../test/fixture/chromium.ts'
import { cpuSeconds, tellsUsage } from '../shared/process-usage.ts'
import { quantile } from '../shared/statistics.ts'
import type { Log, Plan } from './page.ts'

export interface Live {
  /** Samples received per second, as a share of the load's rate. */
  kept: number
  /** Samples that never arrived. */
  lost: number
  /** Median time from the push of a block to the arrival of its last sample, in ms. */
  latency: number
  /** Share of the time that the main thread of each page was busy. */
  sender: number
  receiver: number
  /**
   * Processor time of all processes of the sender's browser, in seconds for each second of the load that it sent.
   * Undefined if the system has no /proc.
   */
  cpu: number | undefined
  /** Bytes on the channel for each receiver, divided by the bytes of the samples alone. */
  bytes: number
}

export interface Bulk {
  /** Values per second, of all channels. */
  values: number
  megabytes: number
}

export interface Pages {
  /**
   * @param settle seconds between the last link and the first sample
   * @param seconds duration of the load
   */
  live(plan: Plan, settle: number, seconds: number): Promise<Live>
  bulk(plan: Plan, samples: number): Promise<Bulk>
  close(): Promise<void>
}

/** Timeout for one case, in ms. */
const CASE_TIMEOUT = 90_000

/** Opens two separate browsers: one has the page that sends, the other has all receivers. */
export async function openBrowsers(url: string): Promise<Pages> {
  const browsers = await Promise.all([launchChromium(), launchChromium()])
  const sender = await processOf(browsers[0] as Browser)
  const used = (): number | undefined => (tellsUsage ? cpuSeconds(sender) : undefined)
  return {
    live: (plan, settle, seconds) =>
      inFreshPages(browsers, url, plan, async (pages) => {
        await wait(settle * 1_000)
        return await live(pages, plan, seconds, used)
      }),
    bulk: (plan, samples) => inFreshPages(browsers, url, plan, (pages) => bulk(pages, plan, samples)),
    close: async () => void (await Promise.all(browsers.map((browser) => browser.close()))),
  }
}

type Pair = [sender: Page, receiver: Page]

async function live(
  [sender, receiver]: Pair,
  { rate, channels, receivers }: Plan,
  seconds: number,
  used: () => number | undefined,
): Promise<Live> {
  const watched = await Promise.all([sender, receiver].map(watch))
  const before = await Promise.all(watched.map(busy))
  const usedBefore = used()
  const { pushed, start, bytes } = await sender.evaluate((seconds) => globalThis.bench.live(seconds), seconds)
  const usedAfter = used()
  const after = await Promise.all(watched.map(busy))
  const [last] = pushed.at(-1) as Log[number]
  const arrivals = await receiver.evaluate((last) => globalThis.bench.received(last), last)
  const [came, ended] = arrivals.at(-1) as Log[number]
  const share = (i: 0 | 1): number => {
    const [from, to] = [before[i] as Busy, after[i] as Busy]
    return (to.task - from.task) / (to.at - from.at)
  }
  return {
    kept: Math.min(1, came / (((ended - start) / 1_000) * rate)),
    lost: last - came,
    latency: latencyOf(pushed, arrivals),
    sender: share(0),
    receiver: share(1),
    cpu: usedBefore === undefined || usedAfter === undefined ? undefined : (usedAfter - usedBefore) / (last / rate),
    bytes: bytes / (last * channels * Float32Array.BYTES_PER_ELEMENT * receivers),
  }
}

async function bulk([sender, receiver]: Pair, { format, channels }: Plan, samples: number): Promise<Bulk> {
  const [[, begun]] = (await sender.evaluate((samples) => globalThis.bench.bulk(samples), samples)) as [Log[number]]
  const arrivals = await receiver.evaluate((samples) => globalThis.bench.received(samples), samples)
  const [, ended] = arrivals.at(-1) as Log[number]
  const values = ((samples * channels) / (ended - begun)) * 1_000
  return { values, megabytes: (values * (format === 'int16' ? 2 : 4)) / 1e6 }
}

/** The median latency. Both pages read the clock of the same machine. */
function latencyOf(pushed: Log, arrivals: Log): number {
  const times: number[] = []
  let i = 0
  for (const [samples, at] of pushed) {
    while ((arrivals[i]?.[0] ?? Number.POSITIVE_INFINITY) < samples) i++
    times.push((arrivals[i] as Log[number])[1] - at)
  }
  return quantile(
    times.sort((one, other) => one - other),
    0.5,
  )
}

async function inFreshPages<Result>(
  browsers: Browser[],
  url: string,
  plan: Plan,
  task: (pages: Pair) => Promise<Result>,
): Promise<Result> {
  const pages = (await Promise.all(browsers.map((browser) => browser.newPage()))) as Pair
  const timer = setTimeout(() => void Promise.all(pages.map((page) => page.close())), CASE_TIMEOUT)
  try {
    for (const [i, page] of pages.entries()) {
      const other = pages[1 - i] as Page
      await page.exposeFunction('carry', (receiver: number, signal: unknown) =>
        other.evaluate(([receiver, signal]) => globalThis.bench.signal(receiver as number, signal), [receiver, signal]),
      )
    }
    await Promise.all(pages.map((page) => page.goto(url)))
    const [sender, receiver] = pages
    await receiver.evaluate((plan) => globalThis.bench.receive(plan), plan)
    await sender.evaluate((plan) => globalThis.bench.send(plan), plan)
    return await task(pages)
  } finally {
    clearTimeout(timer)
    await Promise.all(pages.map((page) => page.close()))
  }
}

/** The id of a browser's main process, which started all its others (DevTools protocol, `SystemInfo`). */
async function processOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return (processInfo.find(({ type }) => type === 'browser') as { id: number }).id
}

interface Busy {
  /** Time of the reading, in seconds. */
  at: number
  task: number
}

async function watch(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  return session
}

/** How long the page's main thread has been busy, as Chromium counts it (DevTools protocol, `TaskDuration`). */
async function busy(session: CDPSession): Promise<Busy> {
  const { metrics } = await session.send('Performance.getMetrics')
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
  return { at: value('Timestamp'), task: value('TaskDuration') }
}
