import uPlot from 'uplot'
import { type Columns, columnTimes, fillColumns } from './columns.ts'
import { extentOf, rowHeight } from './scale.ts'
import { shortNames } from './short-names.ts'
import { onThemeChange, theme } from './theme.ts'
import { type TraceBuffer, WINDOW } from './trace-buffer.ts'

/** One line of a chart. */
export interface Trace {
  label: string
  unit: string
  buffer: TraceBuffer
  /** Index among the buffer's channels. */
  channel: number
}

export interface Chart {
  /** Draws the current samples of the buffers. */
  draw(): void
  remove(): void
}

/** Height of one channel's row, in CSS pixels. */
const ROW = 34
/** Height of everything around the rows, in CSS pixels. */
const AXIS = 30
/**
 * How far a trace may leave its row, in rows. Without this limit, a channel with a loose electrode would cover all
 * others.
 */
const REACH = 1
/** Most columns of a chart. With more columns, the eye could not tell the points apart. */
const MOST_COLUMNS = 1_000

/** Creates a chart with one row for each channel, and the newest sample at the right edge. */
export function createChart(parent: HTMLElement, traces: Trace[]): Chart {
  const closing = new AbortController()
  const columns: Columns[] = traces.map(() => [])
  let height = 0
  const scale = parent.appendChild(document.createElement('p'))
  scale.className = 'scale'

  const plot = new uPlot(options(traces, parent.clientWidth), undefined, parent)
  const fit = () => plot.setSize({ width: parent.clientWidth, height: heightOf(traces) })
  const watcher = new ResizeObserver(fit)
  watcher.observe(parent)
  onThemeChange(() => plot.redraw(), closing.signal)

  function draw(): void {
    const count = Math.max(50, Math.min(MOST_COLUMNS, Math.floor(plot.bbox.width / devicePixelRatio)))
    traces.forEach(({ buffer, channel }, row) => {
      ;(columns[row] as Columns).length = count * 2
      fillColumns(columns[row] as Columns, buffer, channel)
    })
    const extents = columns.map(extentOf)
    const heights = extents.flatMap((extent) => extent?.height ?? [])
    const before = height
    height = rowHeight(heights, before)
    if (height !== before) scale.textContent = sayScale(height, traces)
    columns.forEach((column, row) => {
      placeInRow(column, row, extents[row]?.centre ?? 0, height)
    })
    plot.setData([columnTimes(count), ...columns], true)
  }

  return {
    draw,
    remove() {
      closing.abort()
      watcher.disconnect()
      plot.destroy()
      scale.remove()
    },
  }
}

/** Row numbers start at 0 at the top and count downwards. */
function placeInRow(column: Columns, row: number, centre: number, height: number): void {
  for (let i = 0; i < column.length; i++) {
    const value = column[i]
    if (value === undefined || value === null) continue
    column[i] = Math.max(-REACH, Math.min(REACH, (value - centre) / height)) - row
  }
}

const heightOf = (traces: Trace[]): number => traces.length * ROW + AXIS

function options(traces: Trace[], width: number): uPlot.Options {
  const rows = traces.map((_, row) => -row)
  const names = shortNames(traces.map((trace) => trace.label))
  const axis = { stroke: () => theme().text, ticks: { show: false }, font: '12px system-ui, sans-serif' }
  return {
    width,
    height: heightOf(traces),
    legend: { show: false },
    cursor: { show: false },
    padding: [4, 12, 0, 0],
    scales: {
      x: { time: false, range: [-WINDOW, 0] },
      y: { range: [-traces.length + 0.4, 0.6] },
    },
    series: [
      {},
      ...traces.map((trace, row) => ({
        label: trace.label,
        stroke: () => theme().traces[row % theme().traces.length] as string,
        width: 1.25,
        points: { show: false },
      })),
    ],
    axes: [
      {
        ...axis,
        size: 26,
        grid: { stroke: () => theme().grid, width: 1 },
        splits: Array.from({ length: WINDOW + 1 }, (_, i) => i - WINDOW),
        values: (_plot, splits) => splits.map((split) => (split === 0 ? 'now' : `${split} s`.replace('-', '−'))),
      },
      {
        ...axis,
        size: 52,
        gap: 6,
        grid: { show: false },
        splits: rows,
        values: () => names,
      },
    ],
  }
}

/** Shows only the number if the traces have different units. */
function sayScale(height: number, traces: Trace[]): string {
  const number = Number(height.toPrecision(1)).toLocaleString('en', { maximumSignificantDigits: 1 })
  return `Each row is ${number} ${commonUnit(traces)}`.trimEnd()
}

const commonUnit = (traces: Trace[]): string =>
  traces.every(({ unit }) => unit === traces[0]?.unit) ? (traces[0]?.unit ?? '') : ''
