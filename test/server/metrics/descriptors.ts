import t from 'tap'
import { watchDescriptors } from '../../../src/server/metrics/descriptors.ts'
import { createLog } from '../../../src/server/metrics/log.ts'
import { newMetrics } from '../../../src/server/metrics/server-metrics.ts'
import { until } from '../../fixture/until.ts'

t.test('a shortage is counted each time, and logged once a minute', async (t) => {
  const lines: string[] = []
  const metrics = newMetrics()
  const watch = watchDescriptors(async () => false, metrics, createLog({ print: (line) => lines.push(line) }))
  t.teardown(() => watch.stop())
  await until(() => metrics.notAccepting === 2)
  watch.failed(new Error('accept EMFILE'))
  t.equal(metrics.notAccepting, 3)
  t.equal(lines.length, 1)
  t.match(lines[0], /error not accepting message="Cannot accept connections: the limit of open files/)
})

t.test('an error of the runtime is logged', async (t) => {
  const lines: string[] = []
  const watch = watchDescriptors(async () => true, newMetrics(), createLog({ print: (line) => lines.push(line) }))
  watch.failed(new Error('accept EMFILE'))
  watch.stop()
  t.match(lines, [/message="Cannot accept a connection: accept EMFILE"$/])
})
