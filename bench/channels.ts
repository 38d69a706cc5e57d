/**
 * What streams cost on a data channel, in one run, in Chromium: beside a bare RTCDataChannel (the limit), and beside one
 * JSON string a sample (what pages before version 1 do). Run it with `node bench/channels.ts`; `--quick` for less.
 */
import process from 'node:process'
import { launchChromium, openPage } from '../test/fixture/chromium.ts'
import { commands, startServer } from '../test/fixture/server.ts'
import {
  bareBulk,
  bareLatency,
  jsonSamples,
  type Measured,
  ourLatency,
  ourSamples,
  overhead,
  prepare,
} from './in-page.ts'

const quick = process.argv.includes('--quick')
const ROUNDS = quick ? 1 : 5

const server = await startServer(commands.node)
const browser = await launchChromium()
try {
  const page = await openPage(browser, server.url)
  await page.evaluate(prepare, '/modules/peer/mod.ts')

  const rate = async (measured: Promise<Measured>, unit: number): Promise<number> => {
    const { received, seconds } = await measured
    return (received * unit) / seconds
  }
  const megabytes = 16
  const bulk = await compare({
    bare: () => rate(page.evaluate(bareBulk, megabytes * 64), 1),
    ours: () => rate(page.evaluate(ourSamples, ['float32', 64, megabytes * 4_000] as const), 64 * 4),
  })
  const single = await compare({
    json: () => rate(page.evaluate(jsonSamples, quick ? 5_000 : 20_000), 1),
    ours: () => rate(page.evaluate(ourSamples, ['int16', 1, 6_400_000] as const), 1),
    float32: () => rate(page.evaluate(ourSamples, ['float32', 1, 3_200_000] as const), 1),
  })
  const latency = await compare({
    bare: async () => median(await page.evaluate(bareLatency, 200)),
    ours: async () => median(await page.evaluate(ourLatency, 200)),
  })
  const { sent, raw } = await page.evaluate(overhead, 500)

  report(
    'bulk, 64 channels, of a bare channel',
    bulk.ours / bulk.bare,
    '≥ 0.9',
    `${mega(bulk.ours)} of ${mega(bulk.bare)}`,
  )
  const json = `${thousand(single.json)}`
  report(
    'int16 samples/s, of one JSON string a sample',
    single.ours / single.json,
    '≥ 100',
    `${thousand(single.ours)} of ${json}`,
  )
  report('the same in float32', single.float32 / single.json, '', `${thousand(single.float32)} of ${json}`)
  report('bytes of 64 × 1,000 Hz in 20 ms chunks, of the samples alone', sent / raw, '≤ 1.02', `${sent} of ${raw}`)
  report(
    'latency of one sample, beyond a bare channel, ms',
    latency.ours - latency.bare,
    '< 1',
    `${latency.ours.toFixed(2)} and ${latency.bare.toFixed(2)}`,
  )
} finally {
  await browser.close()
  await server.stop()
}

/** Runs each in turn, in the other order every other round, and takes the medians. */
async function compare<Name extends string>(
  contestants: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number>> {
  const entries = Object.entries(contestants) as [Name, () => Promise<number>][]
  const results = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of round % 2 === 0 ? entries : entries.toReversed()) results[name].push(await measure())
  }
  return Object.fromEntries(entries.map(([name]) => [name, median(results[name])])) as Record<Name, number>
}

function report(what: string, ratio: number, goal: string, figures: string): void {
  console.log(`${what.padEnd(62)} ${ratio.toFixed(3).padStart(9)}  goal ${goal.padEnd(8)} (${figures})`)
}

function median(values: number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] as number
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB/s`
}

function thousand(samples: number): string {
  return `${Math.round(samples / 1e3)} k/s`
}
