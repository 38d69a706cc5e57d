/** The common part of an app's page. One page publishes at 250 Hz; another opens later and receives the samples. */

/** Channels of a sample, as a Cyton has. */
const CHANNELS = 8
/** Time between samples, in ms. */
const INTERVAL = 4

export interface App {
  /** Resolves when other peers can find this one, with a function that sends a sample to all of them. */
  publish(port: number): Promise<(sample: Float32Array) => void>
  /**
   * @param mark records that a step is done
   * @returns the first values that arrive: one sample or more
   */
  receive(port: number, mark: (step: string) => void): Promise<ArrayLike<number>>
}

/** Time of each step since the page's navigation began, in ms. */
export type Steps = Record<string, number>

/** Result of a page: sent when others can find the publisher, or when the first sample has arrived. */
export type Outcome = { steps: Steps } | { error: string }

/** Runs the side that the page's URL names, and sends the outcome to the page's server. */
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
    // Counted from `performance.timeOrigin`, the start of the navigation (W3C High Resolution Time, section 4.3).
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
