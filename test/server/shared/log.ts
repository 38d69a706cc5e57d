import t from 'tap'
import { createLog, LOG_LEVELS, type LogOptions } from '../../../src/server/shared/log.ts'

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
