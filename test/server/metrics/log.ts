import t from 'tap'
import { createLog, LOG_LEVELS, type LogOptions } from '../../../src/server/metrics/log.ts'

const lines = (options: LogOptions): string[] => {
  const printed: string[] = []
  const log = createLog({ ...options, print: (line) => printed.push(line) })
  for (const level of LOG_LEVELS) log.write(level, `at ${level}`, { user: 7, reason: 'two\nlines', none: undefined })
  return printed
}

t.same(
  lines({}).map((line) => line.split(' ').slice(1, 4).join(' ')),
  ['error at error', 'warn at warn'],
  'errors and warnings by default',
)
for (const [i, level] of LOG_LEVELS.entries()) t.equal(lines({ level }).length, i + 1, level)
t.match(lines({ level: 'error' })[0], /^\d{4}-\d\d-\d\dT[\d:.]+Z error at error user=7 reason="two\\nlines"$/)
const [json] = lines({ level: 'error', format: 'json' })
t.notMatch(json, '\n')
t.match(JSON.parse(json as string), { time: /Z$/, level: 'error', event: 'at error', user: 7, reason: 'two\nlines' })
for (const format of ['text', 'json'] as const) {
  const printed: string[] = []
  createLog({ format, print: (line) => printed.push(line) }).write('error', 'fault', { message: '\x1b[2J\x9b\u202e' })
  t.match(printed[0], '"\\u001b[2J\\u009b\\u202e"', `${format}: control characters are escaped`)
}
t.notOk(createLog().has('info'))

t.test('a line is bounded, whatever a client sends', async (t) => {
  for (const format of ['text', 'json'] as const) {
    const printed: string[] = []
    const log = createLog({ format, print: (line) => printed.push(line) })
    log.write('error', 'fault', { message: 'x'.repeat(1_000_000), user: 7 })
    const [line = ''] = printed
    t.ok(line.length < 2_200, `${line.length} characters`)
    t.match(line, /x{2000}…/)
    t.match(line, /user"?[=:]7/)
  }
})

t.test('a line that cannot be printed is counted, and nothing else fails', async (t) => {
  const log = createLog({
    print() {
      throw new Error('the disk is full')
    },
  })
  t.equal(log.lost, 0)
  log.write('error', 'fault')
  log.write('debug', 'not wanted')
  t.equal(log.lost, 1)
})
