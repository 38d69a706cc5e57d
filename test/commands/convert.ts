import { appendFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { command } from '../../src/commands/convert.ts'
import { describeFailure } from '../../src/commands/failure.ts'
import { program } from '../../src/server/runtime/program.ts'
import { alignStamps, parseRecording, parseXdf, type XdfStream } from '../../src/streams/mod.ts'
import { recording } from '../fixture/recording.ts'
import { commands, type RuntimeName, run } from '../fixture/server.ts'
import * as xdf from '../streams/fixture/xdf-bytes.ts'

t.setTimeout(600_000)
const folder = t.testdir({})
let files = 0
/** Returns a new path in the test's folder. With `content`, writes that file too. */
function path(name: string, content?: string | Uint8Array): string {
  const found = `${folder}/${++files}-${name}`
  if (content !== undefined) writeFileSync(found, content)
  return found
}

/** Runs convert in a child process, as a user does. */
const start = (runtime: RuntimeName, args: string[]) =>
  run(
    commands[runtime].map((word) => (word === '-P' ? '-P=files' : word)),
    ['convert', ...args],
  )

/** Runs convert within this process, which saves the start of a program. */
async function convert(args: string[]) {
  const print = t.capture(program, 'print')
  const ended = { code: 0, stderr: '' }
  try {
    await command.run(args)
  } catch (cause) {
    const { code, message } = describeFailure(cause, 'convert')
    Object.assign(ended, { code, stderr: message })
  }
  const stdout = print().map(({ args: [line] }) => `${line}\n`)
  print.restore()
  return { ...ended, stdout: stdout.join('') }
}

const session = recording()
const two = xdf.file(
  xdf.begin,
  xdf.header(
    1,
    'float32',
    2,
    10,
    '<desc><channels><channel><label>Fp1</label><unit>µV</unit></channel></channels></desc>',
  ),
  xdf.header(2, 'string', 1, 0),
  xdf.header(3, 'string', 1, 0),
  xdf.offset(1, 1, 100),
  xdf.samples(1, 2, [...xdf.stamped(1), 0, 0, 0xc0, 0x3f, 0, 0, 0, 0x40, 0, ...new Array(8).fill(0)]),
  xdf.samples(2, 1, [...xdf.stamped(1.5), 1, 3, ...xdf.text('a,b')]),
)

for (const runtime of Object.keys(commands) as RuntimeName[]) {
  t.test(`${runtime} converts a Cyton session to XDF, and the XDF file to CSV`, async (t) => {
    const from = path('cyton.txt', session.text)
    const [file, csv] = [path('cyton.xdf'), path('cyton.csv')]
    const made = await start(runtime, [from, file])
    t.match(made, { code: 0, stdout: `${file}: ${files - 2}-cyton, 8 channels, 5005 samples\n` })
    t.notMatch(made.stderr, 'Converting', 'no progress is printed without a terminal')
    const stream = [...parseXdf(readFileSync(file)).streams.values()][0] as XdfStream
    t.strictSame([...(stream.data as Float64Array)], session.rows.flat())
    t.strictSame(
      [...stream.timestamps],
      session.timestamps.map((stamp) => stamp / 1000),
    )
    t.match(stream.description, { nominalRate: 250, type: 'EXG', channels: Array(8).fill({ unit: 'µV' }) })
    t.equal((await start(runtime, [file, csv])).code, 0)
    const back = parseRecording(readFileSync(csv, 'utf8'))
    t.strictSame(
      back.samples.map((channel) => [...channel]),
      back.labels.map((_, channel) => session.rows.map((row) => row[channel])),
    )
    t.strictSame(back.units, Array(8).fill('µV'))
    t.same(back.timestamps.length, 5_005)
  })
}

t.test('each stream of an XDF file becomes a CSV file, with the recorder’s timestamps', async (t) => {
  const [from, to] = [path('two.xdf', two), path('out.csv')]
  const stem = to.replace('.csv', '')
  const { code, stdout } = await convert([from, to])
  t.equal(code, 0)
  const outputs = [`${stem}-s1.csv`, `${stem}-s2.csv`, `${stem}-s3.csv`]
  t.strictSame(
    stdout.trim().split('\n'),
    [': s1, 2 channels, 2 samples', ': s2, 1 channels, 1 samples', ': s3, 1 channels, 0 samples'].map(
      (line, i) => outputs[i] + line,
    ),
  )
  t.strictSame(
    outputs.map((output) => readFileSync(output, 'utf8')),
    ['time (s),Fp1 (µV),channel 2\n101,1.5,2\n101.1,0,0\n', 'time (s),channel 1\n1.5,"a,b"\n', 'time (s),channel 1\n'],
  )
  const raw = path('raw.csv')
  await convert([from, raw, '--raw'])
  t.match(readFileSync(raw.replace('.csv', '-s1.csv'), 'utf8'), '\n1,1.5,2\n1.1,')
  t.equal(
    alignStamps([...parseXdf(two).streams.values()][0] as XdfStream)[0],
    101,
    'alignStamps computes the same timestamp',
  )
})

t.test('a source that restarted during the recording is aligned before and after the restart', async (t) => {
  const run = (value: number) =>
    [0, 5, 10, 15, 20].flatMap((time) => [
      ...xdf.offset(1, time, value),
      ...xdf.samples(1, 1, [...xdf.stamped(time + 1), 7]),
    ])
  const [from, to] = [
    path('anew.xdf', xdf.file(xdf.begin, xdf.header(1, 'int8', 1, 0), run(100), run(500))),
    path('a.csv'),
  ]
  t.equal((await convert([from, to])).code, 0)
  const { timestamps } = parseRecording(readFileSync(to, 'utf8'))
  t.strictSame(
    [...timestamps],
    [100, 500].flatMap((value) => [1, 6, 11, 16, 21].map((time) => (time + value) * 1_000)),
  )
})

t.test('streams with the same name get different files, all within the folder', async (t) => {
  const name = (stream: number, text: string) =>
    xdf.chunk(2, [
      ...xdf.little(stream, 4),
      ...xdf.text(
        `<info><name>${text}</name><channel_count>1</channel_count><nominal_srate>0</nominal_srate><channel_format>int8</channel_format></info>`,
      ),
    ])
  const names = ['EEG', 'eeg', 'Eeg', '../x', 'µ/β', '']
  const from = path('names.xdf', xdf.file(xdf.begin, ...names.map((text, i) => name(i, text))))
  const to = path('out.csv')
  t.equal((await convert([from, to])).code, 0)
  for (const end of ['EEG', 'eeg-2', 'Eeg-3', '.._x', 'µ_β', 'stream-5'])
    t.ok(existsSync(to.replace('.csv', `-${end}.csv`)), end)
})

t.test('the files of streams with the longest names fit the file system and differ', async (t) => {
  const header = (stream: number, text: string) =>
    xdf.chunk(2, [
      ...xdf.little(stream, 4),
      ...xdf.text(
        `<info><name>${text}</name><channel_count>1</channel_count><nominal_srate>0</nominal_srate><channel_format>int8</channel_format></info>`,
      ),
    ])
  const names = ['東'.repeat(512), `${'東'.repeat(511)}京`, 'u\u0308', '\u00fc']
  const from = path('long.xdf', xdf.file(xdf.begin, ...names.map((text, i) => header(i, text))))
  const to = path('out.csv')
  const { code, stderr } = await convert([from, to])
  t.equal(code, 0, stderr)
  const stem = to.slice(folder.length + 1, -4)
  const long = (end: string) => `${stem}-${'東'.repeat(Math.floor((254 - stem.length - end.length) / 3))}${end}`
  for (const file of [long('.csv'), long('-2.csv'), `${stem}-ü.csv`, `${stem}-ü-2.csv`])
    t.ok(existsSync(`${folder}/${file}`), file)
})

t.test('text in a file controls neither the terminal nor a spreadsheet, and --raw writes it as it is', async (t) => {
  const evil = xdf.file(
    xdf.begin,
    xdf.header(1, 'string', 1, 0, '<desc><channels><channel><label>=cmd</label></channel></channels></desc>'),
    xdf.samples(1, 1, [...xdf.stamped(1), 1, 4, ...xdf.text('=1+1')]),
  )
  const name = Buffer.from(evil).toString('latin1').replace('<name>s1', '<name>\x9b\n')
  const from = path('evil.xdf', Buffer.from(name, 'latin1'))
  const [to, raw] = [path('safe.csv'), path('raw.csv')]
  t.match(await convert([from, to]), { code: 0, stdout: /safe\.csv: .*\\x0a, 1 channels, 1 samples\n$/ })
  t.equal(readFileSync(to, 'utf8'), "time (s),'=cmd\n1,'=1+1\n")
  await convert([from, raw, '--raw'])
  t.equal(readFileSync(raw, 'utf8'), 'time (s),=cmd\n1,=1+1\n')
})

t.test('convert overwrites no file without --force, and never its input', async (t) => {
  const [from, to] = [path('a.csv', 'time,a\n1,2\n'), path('b.xdf', 'kept')]
  t.match(await convert([from, to]), { code: 1, stdout: '', stderr: /^Cannot write .*: it is there already/ })
  t.equal(readFileSync(to, 'utf8'), 'kept')
  t.match(await convert([from, to, '--force']), { code: 0 })
  t.equal(parseXdf(readFileSync(to)).streams.size, 1)
  const xdfFile = path('c.xdf', two)
  const taken = path('out.csv')
  const second = taken.replace('.csv', '-s2.csv')
  writeFileSync(second, 'kept')
  t.match(await convert([xdfFile, taken]), { code: 1, stderr: second })
  t.notOk(existsSync(taken.replace('.csv', '-s1.csv')), 'the files of the other streams are not written either')
  const misnamed = path('d.xdf', 'time,a\n1,2\n')
  t.match(await convert([misnamed, misnamed, '--force']), { code: 1, stderr: ': it is also the input' })
  t.equal(readFileSync(misnamed, 'utf8'), 'time,a\n1,2\n')
})

t.test('convert reports the place of damage and writes the rest', async (t) => {
  const cut = path('cut.xdf', two.subarray(0, two.length - 1))
  const at = two.length - xdf.samples(2, 1, [...xdf.stamped(1.5), 1, 3, ...xdf.text('a,b')]).length
  const out = path('out.csv')
  t.match(await convert([cut, out]), {
    code: 1,
    stdout: 's1, 2 channels, 2 samples',
    stderr: `at byte ${at}: the file ends within a chunk, 1 bytes before its end. What could be read was written`,
  })
  t.match(readFileSync(out.replace('.csv', '-s1.csv'), 'utf8'), '101,1.5,2')
  const rows = path('bad.csv', 'time,a\n1,2\n2,3\n3,x\n4,5\n')
  const file = path('bad.xdf')
  t.match(await convert([rows, file]), {
    code: 1,
    stderr: 'at line 4, byte 15: a must be a number: it is "x". The 2 rows before it were written',
  })
  t.strictSame([...([...parseXdf(readFileSync(file)).streams.values()][0] as XdfStream).data], [2, 3])
})

t.test('convert exits with 1 if it fails, and with 2 for wrong arguments', async (t) => {
  const csv = path('a.csv', 'time,a\n1,2\n')
  const cases: [string[], number, string][] = [
    [[path('none.xdf'), path('o.csv')], 1, 'there is no such file'],
    [[folder, path('o.xdf')], 1, 'it is a folder'],
    [[csv, path('o.csv')], 1, 'a file must begin with XDF:'],
    [[path('t.xdf', two), path('o.xdf')], 1, 'it is XDF already'],
    [[path('x.txt', '\u0000'), path('o.xdf')], 1, 'at line 1'],
    [[path('e.xdf', xdf.file(xdf.begin)), path('o.csv')], 1, 'it contains no stream'],
    [[csv, `${folder}/no/such/o.xdf`], 1, 'there is no such file or folder'],
    [[csv, path('o.mat')], 2, 'it must end in .csv or .xdf'],
    [[csv], 2, 'OUT is missing'],
    [[], 2, 'IN is missing'],
    [[csv, path('o.xdf'), 'more'], 2, 'more is one argument too many'],
    [[csv, path('o.xdf'), '--farce'], 2, 'Try convert --help'],
  ]
  for (const [args, code, stderr] of cases) t.match(await convert(args), { code, stdout: '', stderr }, stderr)
  const bad = path('b.csv', 'time,a\n1,x\n')
  t.match(await start('node', [bad, path('o.xdf')]), { code: 1, stdout: '', stderr: 'at line 2' })
  t.match(await start('node', [bad]), { code: 2, stdout: '', stderr: 'OUT is missing\nTry convert --help' })
  t.match(await start('node', ['--help']), { code: 0, stdout: 'Usage: mod.ts convert IN OUT' })
  t.match(await run(commands.node, ['convret']), {
    code: 2,
    stderr: 'Unknown command convret: it must be one of serve, convert',
  })
  t.match(await run(commands.node, ['toString']), { code: 2 })
})

t.test('a full disk ends convert with 1', { skip: !existsSync('/dev/full') && 'there is no /dev/full' }, async (t) => {
  const from = path('cyton.txt', session.text)
  const full = path('full.xdf')
  symlinkSync('/dev/full', full)
  t.match(await convert([from, full, '--force']), { code: 1, stdout: '', stderr: 'the disk is full' })
})

t.test('without file permissions, Deno prints the command to use', async (t) => {
  const [from, to] = [path('a.csv', 'time,a\n1,2\n'), path('a.xdf')]
  const ended = await run(commands.deno, ['convert', from, to])
  t.match(ended, { code: 1, stderr: 'start it with deno run -P=files mod.ts' })
})

t.test('a long recording is converted with a heap of 40 MB', async (t) => {
  // Strings are on the V8 heap, which --max-old-space-size limits. The file has 60 MB of them in 600 chunks.
  const text = [...xdf.stamped(1), 4, ...xdf.little(1_000, 4), ...new Array(1_000).fill(0x78)]
  const content = new Array(100).fill(text).flat()
  const chunk = Uint8Array.from(xdf.chunk(3, [...xdf.little(1, 4), 1, 100, ...content]))
  const from = path('long.xdf', xdf.file(xdf.begin, xdf.header(1, 'string', 1, 250)))
  for (let i = 0; i < 20; i++) appendFileSync(from, Buffer.concat(new Array(30).fill(chunk)))
  const limited = [process.execPath, '--max-old-space-size=40', 'mod.ts']
  const ended = await run(limited, ['convert', from, path('long.csv')])
  t.match(ended, { code: 0, stdout: '1 channels, 60000 samples' }, ended.stderr)
})
