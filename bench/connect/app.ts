/** The frame of an app, in a page: one that publishes at 250 Hz, and one that comes later and wants to see it. */

/** A sample of 8 channels, as of a Cyton, every 4 ms. */
const CHANNELS = 8
const INTERVAL = 4

export interface App {
  /** @returns once it can be found: gives a sample to everybody who is there */
  publish(port: number): Promise<(sample: Float32Array) => void>
  /**
   * @param mark notes that a step is done
   * @returns the first values that came: one sample or more
   */
  receive(port: number, mark: (step: string) => void): Promise<ArrayLike<number>>
}

/** What took how long since the page's navigation began, in ms. */
export type Steps = Record<string, number>

/** What a page has come to: once the publisher can be found, or the first sample has come. */
export type Outcome = { steps: Steps } | { error: string }

/** Runs the side that the page's address names, and tells the page's server what came of it. */
export function run(app: App): void {
  const parameters = new URLSearchParams(location.search)
  const port = Number(parameters.get('port'))
  const running = parameters.get('side') === 'publish' ? publish(app, port) : receive(app, port)
  running.then(
    (steps) => tell({ steps }),
    (error) => tell({ error: String(error) }),
  )
}

const tell = (outcome: Outcome): Promise<Response> =>
  fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) })

async function publish(app: App, port: number): Promise<Steps> {
  const push = await app.publish(port)
  let n = 0
  setInterval(() => {
    const first = n++ * CHANNELS
    push(Float32Array.from({ length: CHANNELS }, (_, i) => first + i))
  }, INTERVAL)
  return {}
}

async function receive(app: App, port: number): Promise<Steps> {
  const steps: Steps = {}
  const mark = (step: string): void => {
    // From `performance.timeOrigin`, where the navigation began (W3C High Resolution Time, section 4.3).
    steps[step] ??= performance.now()
  }
  mark('script')
  const values = await app.receive(port, mark)
  mark('sample')
  const [first = Number.NaN] = [values[0]]
  if (values.length % CHANNELS !== 0 || first % CHANNELS !== 0) throw new Error(`A wrong sample came: ${values}`)
  for (let i = 0; i < values.length; i++) if (values[i] !== first + i) throw new Error(`A wrong sample came: ${values}`)
  return steps
}
