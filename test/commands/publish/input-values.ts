import t from 'tap'
import { readArray, readLine } from '../../../src/commands/publish/input-values.ts'
import { linesIn } from '../../../src/commands/publish/lines-in.ts'

t.test('readLine reads a line as one sample', async (t) => {
  for (const line of ['1,2,-3.5', '1 2 -3.5', '1\t2\t-3.5', ' 1, 2 ,\t-3.5 ', '1   2   -3.5']) {
    t.strictSame(readLine(line, 'float32', 3), { values: [1, 2, -3.5] }, JSON.stringify(line))
  }
  t.strictSame(readLine('nan 1e3 Infinity', 'float64', 3), { values: [Number.NaN, 1000, Number.POSITIVE_INFINITY] })
  t.strictSame(readLine('9223372036854775807 +1', 'int64', 2), { values: [9223372036854775807n, 1n] })
  t.strictSame(readLine(' eyes, closed ', 'string', 1), { values: [' eyes, closed '] })
  t.strictSame(readLine('a b\tc, d', 'string', 3), { values: ['a b', 'c', 'd'] })
})

t.test('readLine says why a line is no sample', async (t) => {
  const cases: [string, Parameters<typeof readLine>[1], number, string][] = [
    ['1,2', 'float32', 3, 'it has 2 values and not 3'],
    ['1,,3', 'float32', 3, '"" is no float32'],
    ['1,2,3,', 'float32', 3, 'it has 4 values and not 3'],
    ['one', 'float32', 1, '"one" is no float32'],
    ['1e39', 'float32', 1, '"1e39" is no float32'],
    ['128', 'int8', 1, '"128" is no int8'],
    ['1.5', 'int16', 1, '"1.5" is no int16'],
    ['1.5', 'int64', 1, '"1.5" is no int64'],
    ['9223372036854775808', 'int64', 1, '"9223372036854775808" is no int64'],
    ['a,b', 'string', 3, 'it has 2 values and not 3'],
  ]
  for (const [line, format, channels, problem] of cases)
    t.strictSame(readLine(line, format, channels), { problem }, line)
})

t.test('readArray reads an array as one sample or several', async (t) => {
  t.strictSame(readArray([1, 2, 3, 4], 'int16', 2), { values: [1, 2, 3, 4] })
  t.strictSame(readArray([1n, 2], 'int64', 2), { values: [1n, 2] })
  t.strictSame(readArray(['a'], 'string', 1), { values: ['a'] })
  t.strictSame(readArray([], 'int16', 2), { problem: 'it has 0 values and not 2' })
  t.strictSame(readArray([1, 2, 3], 'int16', 2), { problem: 'it has 3 values and not 2' })
  t.strictSame(readArray({ 0: 1 }, 'int16', 1), { problem: 'it is no array' })
  t.strictSame(readArray([1, 40_000], 'int16', 2), { problem: '40000 is no int16' })
  t.strictSame(readArray([1, null], 'float32', 2), { problem: 'null is no float32' })
  t.strictSame(readArray(['1'], 'float32', 1), { problem: '1 is no float32' })
})

t.test('linesIn joins pieces into whole lines', async (t) => {
  const read = async (...pieces: string[]) => {
    const lines: (string | undefined)[] = []
    const bytes = async function* () {
      for (const piece of pieces) yield Buffer.from(piece, 'latin1')
    }
    for await (const line of linesIn(bytes())) lines.push(line)
    return lines
  }
  t.strictSame(await read('a\nb\r\nc', 'd\n', 'e'), ['a', 'b', 'cd', 'e'])
  // The two bytes of µ in two pieces.
  t.strictSame(await read('\xc2', '\xb5\n\n'), ['µ', ''])
  const long = 'x'.repeat(600_000)
  t.strictSame(
    await read(long, long, long, '\nnext\n'),
    [undefined, 'next'],
    'a line that is too long becomes undefined',
  )
  t.strictSame(await read(long, long), [undefined])
})
