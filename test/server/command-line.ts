import t from 'tap'
import { HELP, readCommandLine, UsageError } from '../../src/server/command-line.ts'

const serve = (options: object) => ({ do: 'serve', options })
t.same(readCommandLine([], undefined), serve({}))
t.same(readCommandLine(['--port', '0', '--host', '::'], undefined), serve({ port: 0, host: '::' }))
t.same(readCommandLine(['--port=65535'], undefined), serve({ port: 65_535 }))
t.same(readCommandLine([], '3000'), serve({ port: 3000 }), 'PORT')
t.same(readCommandLine(['--port', '1'], '3000'), serve({ port: 1 }), 'the flag goes before PORT')
t.same(readCommandLine(['--resume-grace', '0'], undefined), serve({ resumeGrace: 0 }))
t.same(readCommandLine(['--resume-grace', '1.5'], undefined), serve({ resumeGrace: 1_500 }), 'seconds')
t.same(readCommandLine(['--help'], undefined), { do: 'help' })
t.same(readCommandLine(['-h', '--port', 'x'], undefined), { do: 'help' })
t.same(readCommandLine(['--version'], undefined), { do: 'version' })

for (const args of [
  ['--prot', '1'],
  ['extra'],
  ['--port'],
  ['--help=yes'],
  ['--port', '-1'],
  ['--port', '1.5'],
  ['--port', ''],
  ['--resume-grace', '-1'],
  ['--resume-grace', '1e3'],
  ['--resume-grace', '86401'],
  ['--resume-grace', ''],
]) {
  t.throws(() => readCommandLine(args, undefined), UsageError, args.join(' '))
}
t.throws(() => readCommandLine([], 'http'), { message: 'Cannot listen as PORT must be in 0..65535: it is http' })
for (const flag of ['--port', '--host', '--resume-grace', '--help', '--version']) t.match(HELP, flag)
