/**
 * Measures how long a user waits after opening a page: from the navigation to the first sample of a peer that is
 * already in the room. Compares ours with PeerJS and its server, in Chromium. `node bench/connect.ts`; `--help` for
 * options.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { launchChromium } from '../test/fixture/chromium.ts'
import { type AppPage, serveApp } from './browser/app-page.ts'
import type { Outcome, Steps } from './connect/app.ts'
import { finish } from './report/report.ts'
import { OURS_ON_BUN, PEERJS, packagesOf, type ServerContestant, serverContestants } from './servers/contestants.ts'
import { contest, type Figures } from './shared/contest.ts'
import { packageVersions } from './shared/machine.ts'
import { readOptions } from './shared/options.ts'
import { startServer } from './shared/processes.ts'
import { quantile, type Summary, summarize } from './shared/statistics.ts'
import { writeCompanion } from './size/companion.ts'

/** Why the goals are missed, from the steps below and profiles of them. */
const WHY =
  'by the steps below. Until the program runs: ours has 20 kB (gzip) more code to load. Until in the room: ours ' +
  'asks the server who is there, in one round trip. The server of PeerJS greets unasked, and its app knows whom to call. ' +
  'Until linked: mostly code that runs for the first time, at both ends, of which ours has more.'

/** Rounds of each contestant: 30, or 1 with `--quick`. */
const options = readOptions({ full: 30, quick: 1 })
/** Timeout for one page, in ms. */
const PAGE_TIMEOUT = 60_000

const { ours, node, peerjs } = serverContestants
const servers: ServerContestant[] = [ours, node, peerjs]
/** Steps of a page, in order. */
const STEPS = { script: 'program runs', server: 'server greets', room: 'in the room', link: 'linked', stream: 'stream' }

const folder = mkdtempSync(`${tmpdir()}/companion-`)
const apps = {
  ours: await serveApp('bench/connect/ours.ts', await writeCompanion(folder)),
  peerjs: await serveApp('bench/connect/peerjs.ts'),
}
rmSync(folder, { recursive: true })
const found = await contest(
  [
    { name: OURS_ON_BUN, measure: () => openOnce(ours, apps.ours) },
    { name: PEERJS, measure: () => openOnce(peerjs, apps.peerjs) },
    // Runs only if `--only` names it.
    { name: node.name, measure: () => openOnce(node, apps.ours) },
  ],
  { ...options, only: options.only.length > 0 ? options.only : [OURS_ON_BUN, PEERJS] },
)
for (const app of Object.values(apps)) app.close()

const time = (name: string): Summary | undefined => found.get(name)?.sample
const p95 = (summary: Summary | undefined): number | undefined =>
  summary &&
  quantile(
    summary.values.toSorted((one, other) => one - other),
    0.95,
  )
/** The ratio of our figure to that of PeerJS. */
const share = (figure: (time: Summary) => number | undefined): Summary | undefined => {
  const [one, other] = [OURS_ON_BUN, PEERJS].map(time).map((summary) => summary && figure(summary))
  return one && other ? summarize([one / other]) : undefined
}

finish(
  {
    bench: 'connect',
    title: 'From opening a page to the first sample',
    versions: packageVersions(packagesOf(servers, [...found.keys()])),
    method: [
      'Somebody publishes 8 channels at 250 Hz, a sample every 4 ms, in a page. Another page is opened, and the time from its navigation to the first sample it has taken out.',
      'Ours is the module of the package, and joins the room while its session connects.',
      'Each trial has a browser, profiles and a server of its own; the app is one file, bundled and minified by esbuild, from the same plain server for all. Nobody debugs the pages; they tell themselves what came of it.',
      'No STUN and no TURN, on one machine: what is measured is programs and round trips, not distance.',
      'PeerJS knows the id of who publishes, chooses its own, and opens an ordered, reliable connection; ours finds who is there by the room.',
    ],
    goals: [
      { what: `Median of PeerJS's, ${OURS_ON_BUN}`, measured: share(({ median }) => median), atMost: 1, why: WHY },
      { what: `95th percentile of PeerJS's, ${OURS_ON_BUN}`, measured: share(p95), atMost: 1, why: WHY },
    ],
    tables: [
      {
        title: 'From the navigation to the first sample, ms',
        columns: ['', 'median', 'p95'],
        rows: Array.from(found, ([name, { sample }]) => [name, sample, p95(sample)]),
      },
      {
        title: 'What was done by when, ms',
        columns: ['', ...Object.values(STEPS), 'first sample'],
        rows: Array.from(found, ([name, figures]) => [name, ...stepsOf(figures), figures.sample?.median]),
      },
    ],
    plots: [
      {
        kind: 'bars',
        name: 'connect',
        title: 'From opening a page to the first sample',
        label: 'ms',
        bars: Array.from(found, ([name, { sample }]) => ({ name, value: sample, ours: name !== PEERJS })),
      },
    ],
  },
  options,
)

async function openOnce(server: ServerContestant, app: AppPage): Promise<Steps> {
  const [{ port, stop }, browser] = await Promise.all([startServer(server), launchChromium()])
  try {
    const devtools = await browser.newBrowserCDPSession()
    // Do not use Playwright's own pages: with its debugger attached, creating an Error takes time proportional to the
    // program's length.
    const open = async (side: string): Promise<Steps> => {
      const outcome = app.outcome() as Promise<Outcome>
      const { browserContextId } = await devtools.send('Target.createBrowserContext')
      const url = `${app.url}?side=${side}&port=${port}`
      await devtools.send('Target.createTarget', { url, browserContextId })
      const said = await inTime(outcome)
      if ('error' in said) throw new Error(said.error)
      return said.steps
    }
    await open('publish')
    return await open('receive')
  } finally {
    await browser.close()
    await stop()
  }
}

function inTime<Result>(task: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No sample came within ${PAGE_TIMEOUT} ms`)), PAGE_TIMEOUT)
    task.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function stepsOf(figures: Figures<string>): (number | undefined)[] {
  return Object.keys(STEPS).map((step) => figures[step]?.median)
}
