import t from 'tap'
import { HELP, readCommandLine, UsageError } from '../../../src/server/program/command-line.ts'

const none = () => undefined
const port = (value: string) => (name: string) => (name === 'PORT' ? value : undefined)
const serve = (options: object) => ({ do: 'serve', options })
t.same(readCommandLine([], none), serve({}))
t.same(readCommandLine(['--port', '0', '--host', '::'], none), serve({ port: 0, host: '::' }))
t.same(readCommandLine(['--port=65535'], none), serve({ port: 65_535 }))
t.same(readCommandLine([], port('3000')), serve({ port: 3000 }), 'PORT sets the port')
t.same(readCommandLine(['--port', '1'], port('3000')), serve({ port: 1 }), 'the flag overrides PORT')
t.same(readCommandLine(['--resume-grace', '0'], none), serve({ resumeGrace: 0 }))
t.same(readCommandLine(['--resume-grace', '1.5'], none), serve({ resumeGrace: 1_500 }), '--resume-grace is in seconds')
t.same(readCommandLine(['--help'], none), { do: 'help' })
t.same(readCommandLine(['-h', '--port', 'x'], none), { do: 'help' })
t.same(readCommandLine(['--version'], none), { do: 'version' })

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
  t.throws(() => readCommandLine(args, none), UsageError, args.join(' '))
}
t.throws(() => readCommandLine([], port('http')), { message: 'Cannot listen: PORT must be in 0..65535: it is http' })
for (const flag of ['--port', '--host', '--resume-grace', '--help', '--version']) t.match(HELP, flag)
