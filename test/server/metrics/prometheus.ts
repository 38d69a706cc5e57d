import t from 'tap'
import { WebRTCService } from '../../../src/core/mod.ts'
import { watchEventLoop } from '../../../src/server/metrics/event-loop-lag.ts'
import { Histogram } from '../../../src/server/metrics/histogram.ts'
import { PrometheusText } from '../../../src/server/metrics/prometheus.ts'
import { countClose, newMetrics, writeMetrics } from '../../../src/server/metrics/server-metrics.ts'
import { Addresses } from '../../../src/server/shared/addresses.ts'
import { addUser, join } from '../../core/fixture/user.ts'

t.test('the text format escapes the values of labels', async (t) => {
  const text = new PrometheusText()
    .counter('a_total', 'What it is', [
      [{ code: 'x"\\\n' }, 2],
      [{ code: 'y', more: 'z' }, 0],
    ])
    .gauge('b', 'Another', 1.5)
  t.equal(
    String(text),
    '# HELP a_total What it is\n# TYPE a_total counter\na_total{code="x\\"\\\\\\n"} 2\na_total{code="y",more="z"} 0\n' +
      '# HELP b Another\n# TYPE b gauge\nb 1.5\n',
  )
})

t.test('a bucket of a histogram counts values up to its bound, the bound included', async (t) => {
  const histogram = new Histogram()
  for (const seconds of [0, 0.001, 0.001_1, 100]) histogram.observe(seconds)
  const lines = String(new PrometheusText().histogram('h_seconds', 'Time', histogram)).split('\n')
  for (const line of [
    'h_seconds_bucket{le="0.0005"} 1',
    'h_seconds_bucket{le="0.001"} 2',
    'h_seconds_bucket{le="0.0025"} 3',
    'h_seconds_bucket{le="2.5"} 3',
    'h_seconds_bucket{le="+Inf"} 4',
    'h_seconds_count 4',
  ]) {
    t.ok(lines.includes(line), line)
  }
  t.match(lines.find((line) => line.startsWith('h_seconds_sum'))?.split(' ')[1], /^100\.00/)
})

t.test('the metrics have every count of the service', async (t) => {
  const service = new WebRTCService({ codec: 'json' })
  const [ada, bob] = [addUser(service, 'msgpack'), addUser(service, 'json')]
  join(service, 'lab', ada, bob)
  await ada.relay('offer', bob.id, 1)
  await ada.ask('connect', { room: { uuid: 5 } })
  let next = 1_000
  const numbers: number[] = []
  /** Sets each count to a different number, so that the text can be searched for it. */
  const fill = (counts: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(counts)) {
      if (typeof value === 'number') {
        counts[name] = ++next
        numbers.push(next)
      } else fill(value as Record<string, unknown>)
    }
  }
  fill(service.counts as unknown as Record<string, unknown>)
  service.counts.limited.rooms = 77
  t.ok(numbers.length > 20)
  const text = writeMetrics(service, newMetrics(), new Addresses(1))
  for (const number of numbers) t.match(text, new RegExp(` ${number}$`, 'm'))
  t.match(text, 'datastreams_limits_total{limit="rooms"} 77')
  t.match(text, 'datastreams_peers 2')
  const names = Array.from(text.matchAll(/^# TYPE (\S+)/gm), ([, name]) => name)
  t.equal(new Set(names).size, names.length, 'every name is unique')
  for (const line of text.trimEnd().split('\n')) {
    t.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="[^"]*",?)+\})? [\d.e+-]+)$/)
  }
})

t.test('a code that a client invents has no label of its own', async (t) => {
  const metrics = newMetrics()
  for (let code = 4_100; code < 4_999; code++) countClose(metrics, code)
  countClose(metrics, 1_008)
  t.same(
    [...metrics.closed],
    [
      ['other', 899],
      ['1008', 1],
    ],
  )
})

t.test('a blocked event loop is measured', async (t) => {
  const lag = new Histogram()
  const watch = watchEventLoop(lag)
  watch.start()
  const end = performance.now() + 900
  while (performance.now() < end);
  while (lag.sum === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  watch.stop()
  t.ok(lag.sum > 0.3, `a lag of ${lag.sum} s`)
})
