import { benchPackage } from '../shared/packages.ts'
import { formatNumber } from './text.ts'
import type { BarPlot, CurvePlot, Plot } from './types.ts'

/** The part of ECharts that the benches use. */
interface ECharts {
  init(
    element: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void }
}

const WIDTH = 760
const BAR_HEIGHT = 34
const CURVES_HEIGHT = 380
/** The plot has its own background, so that it is readable on light and dark pages. */
const [GROUND, INK, OURS, OTHERS] = ['#ffffff', '#24292f', '#0969da', '#afb8c1']

/** Draws a plot as SVG, without a browser. */
export async function drawPlot(plot: Plot): Promise<string> {
  const { init } = await benchPackage<ECharts>('echarts')
  const height = plot.kind === 'bars' ? 110 + plot.bars.length * BAR_HEIGHT : CURVES_HEIGHT
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
  chart.setOption({
    animation: false,
    backgroundColor: GROUND,
    textStyle: { color: INK, fontFamily: 'sans-serif' },
    title: { text: plot.title, left: 16, top: 12, textStyle: { color: INK, fontSize: 16 } },
    ...(plot.kind === 'bars' ? bars(plot) : curves(plot)),
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
}

/** The smallest bar is on top. A bar and a number show the median; a line shows the smallest and largest value. */
function bars({ bars, label }: BarPlot): object {
  const sorted = bars.toSorted((one, other) => other.value.median - one.value.median)
  return {
    grid: { left: 190, right: 80, top: 56, bottom: 48 },
    xAxis: { type: 'value', name: label, nameLocation: 'middle', nameGap: 28, nameTextStyle: { color: INK } },
    yAxis: {
      type: 'category',
      data: sorted.map(({ name }) => name),
      axisTick: { show: false },
      axisLabel: { color: INK },
    },
    series: [
      {
        type: 'bar',
        barWidth: '60%',
        data: sorted.map(({ value, ours }) => ({
          value: value.median,
          itemStyle: { color: ours ? OURS : OTHERS },
        })),
      },
      {
        type: 'custom',
        data: sorted.map(({ value: { low, high, median } }, i) => [low, high, i, median]),
        encode: { x: [0, 1], y: 2 },
        z: 5,
        renderItem: drawSpread,
      },
    ],
  }
}

interface Item {
  value(dimension: number): number
  coord(point: [x: number, y: number]): [x: number, y: number]
}

function drawSpread(_: unknown, item: Item): object {
  const row = item.value(2)
  const [[from, y], [to]] = [item.coord([item.value(0), row]), item.coord([item.value(1), row])]
  const line = (x1: number, y1: number, x2: number, y2: number): object => {
    return { type: 'line', shape: { x1, y1, x2, y2 }, style: { stroke: INK, lineWidth: 1.5 } }
  }
  const text = { text: formatNumber(item.value(3)), x: to + 8, y, fill: INK, verticalAlign: 'middle' }
  const lines = [line(from, y, to, y), line(from, y - 5, from, y + 5), line(to, y - 5, to, y + 5)]
  return { type: 'group', children: [...lines, { type: 'text', style: text }] }
}

function curves({ curves, label, xLabel }: CurvePlot): object {
  const axis = (name: string, nameGap: number): object => {
    return {
      type: 'log',
      name,
      nameLocation: 'middle',
      nameGap,
      nameTextStyle: { color: INK },
      axisLabel: { color: INK },
    }
  }
  return {
    color: [OURS, '#bf3989', '#1a7f37', '#9a6700', '#8250df', '#cf222e'],
    grid: { left: 80, right: 32, top: 84, bottom: 56 },
    legend: { top: 42, left: 16, textStyle: { color: INK } },
    xAxis: axis(xLabel, 28),
    yAxis: axis(label, 52),
    series: curves.map(({ name, points }) => ({ type: 'line', name, data: points, symbolSize: 7 })),
  }
}
