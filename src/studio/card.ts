import { visible } from '../unicode/visible.ts'
import { type Chart, createChart, type Trace } from './chart/chart.ts'
import { append, createTraceBuffer, type Samples, type TraceBuffer } from './chart/trace-buffer.ts'

/** What a card needs to know of a track to draw it. */
export interface TrackLook {
  /** Hz; 0 for irregular samples. */
  nominalRate: number
  channels: readonly { label: string; unit: string }[]
}

/** The card of one person in the room. */
export interface Card {
  readonly element: HTMLElement
  /** Shows who the person is, as the server has verified it; undefined if it has not. */
  setIdentity(auth: string | undefined): void
  /** Shows a state, such as `connected`, and its reason. */
  setState(state: string, why?: string): void
  /** @param key names the track in later calls */
  addTrack(key: string, look: TrackLook): void
  removeTrack(key: string): void
  /** @param missed samples that were lost before these */
  add(key: string, samples: Samples, missed: number): void
  /** Draws the samples since the last call. It is cheap if there are none. */
  draw(): void
  remove(): void
}

/** Most channels that one card draws. A person may share more; the card still counts their samples. */
const MOST_TRACES = 32
/** How often the card updates its numbers, in ms. */
const COUNT_EVERY = 1_000

/** @param empty text of the card while there is nothing to draw */
export function createCard(parent: HTMLElement, name: string, empty: string): Card {
  const parts = build(name, empty)
  parent.append(parts.element)
  const tracks = new Map<string, Track>()
  let chart: Chart | undefined
  let samples = 0
  let missed = 0
  // Create the chart on the next draw. The tracks of one headset arrive together, and then need only one new chart.
  let stale = true
  let fresh = false
  // The first rate is then 0. Over no time at all it would be NaN.
  let counted = { at: Number.NEGATIVE_INFINITY, samples: 0 }

  function rebuild(): void {
    chart?.remove()
    const traces = tracesOf(tracks.values())
    const channels = [...tracks.values()].reduce((sum, { look }) => sum + look.channels.length, 0)
    parts.show('channels', channels, channels > traces.length ? ` (${traces.length} drawn)` : '')
    parts.empty.hidden = traces.length > 0
    parts.chart.hidden = traces.length === 0
    chart = traces.length > 0 ? createChart(parts.chart, traces) : undefined
    stale = false
    fresh = true
  }

  function showCounts(): void {
    const now = performance.now()
    const rate = ((samples - counted.samples) * 1000) / (now - counted.at)
    counted = { at: now, samples }
    parts.show('rate', Math.round(rate))
    parts.show('samples', samples)
    parts.show('missed', missed)
  }
  const counting = setInterval(showCounts, COUNT_EVERY)
  showCounts()
  rebuild()

  return {
    element: parts.element,
    setIdentity(auth) {
      const { identity } = parts
      identity.hidden = false
      identity.toggleAttribute('data-verified', auth !== undefined)
      identity.textContent = auth === undefined ? 'not verified' : `verified: ${visible(auth)}`
      identity.title =
        auth === undefined ? 'Nobody has checked who this person is' : 'The server has checked the token of this person'
    },
    setState(state, why = '') {
      parts.element.dataset.state = state
      parts.state.textContent = state
      parts.why.textContent = why
    },
    addTrack(key, look) {
      const room = MOST_TRACES - tracesOf(tracks.values()).length
      const buffer = room > 0 ? createTraceBuffer(look.channels.length, look.nominalRate, room) : undefined
      tracks.set(key, { look, buffer })
      stale = true
    },
    removeTrack(key) {
      if (tracks.delete(key)) stale = true
    },
    add(key, chunk, lost) {
      const track = tracks.get(key)
      if (track === undefined) return
      if (track.buffer !== undefined) append(track.buffer, chunk)
      samples += chunk.data.length
      missed += lost * track.look.channels.length
      fresh = true
    },
    draw() {
      if (stale) rebuild()
      if (fresh) chart?.draw()
      fresh = false
    },
    remove() {
      clearInterval(counting)
      tracks.clear()
      chart?.remove()
      parts.element.remove()
    },
  }
}

interface Track {
  look: TrackLook
  /** Undefined if the card already draws `MOST_TRACES` channels. */
  buffer: TraceBuffer | undefined
}

const tracesOf = (tracks: Iterable<Track>): Trace[] =>
  [...tracks].flatMap(({ look, buffer }) =>
    buffer === undefined
      ? []
      : look.channels.slice(0, buffer.values.length).map((channel, index) => ({ ...channel, buffer, channel: index })),
  )

/** The numbers of a card, with their labels. The data attributes of the element hold them too. */
const NUMBERS = { rate: 'samples/s', samples: 'samples', channels: 'channels', missed: 'missed' }

function build(name: string, empty: string) {
  const element = create('article', 'card')
  const head = element.appendChild(create('header'))
  const title = head.appendChild(create('h2', '', name))
  // The identity is an element of its own, so that no name can look like it.
  const identity = head.appendChild(create('span', 'identity'))
  identity.hidden = true
  const state = head.appendChild(create('span', 'state'))
  // Screen readers announce this text when it changes.
  state.setAttribute('role', 'status')
  const why = head.appendChild(create('span', 'why'))
  const list = element.appendChild(create('dl'))
  const values = new Map<string, HTMLElement>()
  for (const [key, label] of Object.entries(NUMBERS)) {
    const row = list.appendChild(create('div'))
    row.append(create('dt', '', label))
    values.set(key, row.appendChild(create('dd')))
  }
  const nothing = element.appendChild(create('p', 'empty', empty))
  const chart = element.appendChild(create('div', 'chart'))
  chart.setAttribute('role', 'img')
  chart.setAttribute('aria-label', `Traces of ${name}`)
  element.setAttribute('aria-label', title.textContent)

  const show = (key: keyof typeof NUMBERS, value: number, addition = ''): void => {
    element.dataset[key] = String(value)
    const shown = values.get(key) as HTMLElement
    shown.textContent = value.toLocaleString('en') + addition
  }
  return { element, identity, state, why, empty: nothing, chart, show }
}

function create<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className = '',
  text = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  if (className !== '') element.className = className
  element.textContent = text
  return element
}
