import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, write } from 'node:fs'
import t from 'tap'
import { LineOutput } from '../../../src/server/metrics/line-output.ts'
import { until } from '../../fixture/until.ts'

const writeTo = (file: number) => (bytes: Uint8Array) =>
  new Promise<number>((resolve, reject) =>
    write(file, bytes, (cause, written) => (cause === null ? resolve(written) : reject(cause))),
  )

t.test('lines that a full disk does not take are counted', async (t) => {
  const file = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(file))
  const output = new LineOutput(writeTo(file))
  for (let i = 0; i < 10; i++) output.print(`line ${i}`)
  t.ok(await output.flush(60_000))
  t.equal(output.lost, 10)
})

t.test('a full pipe stalls lines, and loses those that are more than a megabyte', async (t) => {
  const path = `${t.testdir()}/pipe`
  execFileSync('mkfifo', [path])
  // Without O_NONBLOCK, the write would wait; with it, the write fails with EAGAIN.
  const file = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  t.teardown(() => closeSync(file))
  const output = new LineOutput(writeTo(file))
  const line = 'x'.repeat(999)
  let printed = 0
  while (output.lost === 0 && printed < 10_000) {
    output.print(line)
    printed++
  }
  t.ok(printed > 1_000 && printed < 10_000, `${printed} lines`)
  t.notOk(await output.flush(1), 'the pipe is full')
  let text = ''
  const piece = new Uint8Array(65_536)
  const reading = setInterval(() => {
    try {
      text += new TextDecoder().decode(piece.subarray(0, readSync(file, piece)))
    } catch {
      // Nothing is in the pipe at this moment.
    }
  }, 1)
  t.ok(await output.flush(60_000), 'once it is read, all other lines follow')
  const whole = (printed - output.lost) * 1_000
  await until(() => text.length >= whole)
  clearInterval(reading)
  t.equal(text, `${line}\n`.repeat(printed - output.lost))
})

t.test('a line that was written in part does not join the next one', async (t) => {
  let text = ''
  let room = 5
  const output = new LineOutput(async (bytes) => {
    if (room === 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    const part = bytes.subarray(0, room)
    room -= part.length
    text += new TextDecoder().decode(part)
    return part.length
  })
  output.print('the first line')
  await output.flush(60_000)
  output.print('the second line')
  await output.flush(60_000)
  room = 100
  output.print('the third line')
  await output.flush(60_000)
  t.equal(text, 'the f\nthe third line\n')
  t.equal(output.lost, 2)
})
