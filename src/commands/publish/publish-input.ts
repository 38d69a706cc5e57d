import { decodeMultiStream } from '@msgpack/msgpack'
import type { PushPublication } from '../../peer/mod.ts'
import { program } from '../../server/runtime/program.ts'
import { Failure } from '../shared/command.ts'
import { counted } from '../shared/counted.ts'
import { inRoom } from '../shared/in-room.ts'
import { aborted } from '../shared/pause.ts'
import type { RoomOptions } from '../shared/room-options.ts'
import type { InputOptions } from './input-options.ts'
import { type InputValue, type Read, readArray, readLine } from './input-values.ts'
import { linesIn } from './lines-in.ts'
import { finish, receiversAre } from './receivers.ts'

/** Number of problems that the command reports one by one; it counts all. */
const MAX_TOLD = 20
/** Maximum number of values in a message, and of bytes in a text of a message. */
const MAX_VALUES = 65_536

/**
 * Publishes standard input until it ends.
 *
 * @throws Failure also if a part of the input is unusable, after publishing the rest
 */
export async function publishInput(options: RoomOptions, receivers: number, input: InputOptions): Promise<void> {
  const { type, format, rate, channels, sourceId } = input
  const name = type === '' ? 'Stream' : type
  await inRoom(options, async (room, signal) => {
    const publication = room.publish({ name, type, format, nominalRate: rate, channels, sourceId })
    publication.addEventListener('error', ({ detail }) => program.complain(detail.message))
    await receiversAre(room, receivers, signal)
    const { problems, end } = await follow(publication, input, signal)
    await finish([publication], signal)
    program.print(`${counted(publication.samples, 'sample')} published`)
    const what = counted(problems, input.input === 'lines' ? 'line' : 'message')
    if (end !== undefined) throw new Failure(`Cannot read on: ${end}. What came before was published`)
    if (problems > 0) throw new Failure(`${what} could not be used. All others were published`)
  })
}

interface Followed {
  problems: number
  /** Why reading stopped before the end; undefined if it did not. */
  end: string | undefined
}

async function follow(publication: PushPublication, input: InputOptions, signal: AbortSignal): Promise<Followed> {
  const stopped = aborted(signal)
  let values: InputValue[] = []
  let count = 0
  let problems = 0
  const publish = async () => {
    const room = values.length === 0 || publication.push(values)
    values = []
    if (!room) await Promise.race([publication.drained(), stopped])
  }
  // Publish together what arrives together: the newest sample is from this moment, and the others are older.
  const pieces = async function* () {
    for await (const piece of until(program.stdin(), signal)) {
      yield piece
      await publish()
    }
  }
  const what = input.input === 'lines' ? 'Line' : 'Message'
  let end: string | undefined
  try {
    for await (const read of input.input === 'lines' ? lines(pieces(), input) : messages(pieces(), input)) {
      count++
      if ('values' in read) {
        for (const value of read.values) values.push(value)
        continue
      }
      problems++
      if (problems <= MAX_TOLD) program.complain(`${what} ${count} is left out: ${read.problem}`)
      if (problems === MAX_TOLD) program.complain('Further ones are counted alone')
    }
  } catch (cause) {
    if (input.input === 'lines') throw cause
    end = `message ${count + 1} is no msgpack (${(cause as Error).message})`
  }
  await publish()
  // Add the samples that looked valid and still did not fit, such as a text that is too long.
  return { problems: problems + publication.refused, end }
}

async function* lines(
  pieces: AsyncIterable<Uint8Array>,
  { format, channels }: InputOptions,
): AsyncGenerator<Read, void> {
  for await (const line of linesIn(pieces)) {
    if (line === undefined) yield { problem: 'it is too long' }
    else yield line.trim() === '' && format !== 'string' ? { values: [] } : readLine(line, format, channels.length)
  }
}

async function* messages(
  pieces: AsyncIterable<Uint8Array>,
  { format, channels }: InputOptions,
): AsyncGenerator<Read, void> {
  const limits = {
    maxArrayLength: MAX_VALUES,
    maxStrLength: MAX_VALUES,
    maxBinLength: 0,
    maxMapLength: MAX_VALUES,
    maxExtLength: 0,
  }
  for await (const message of decodeMultiStream<undefined>(pieces, {
    ...limits,
    useBigInt64: format === 'int64',
  })) {
    yield readArray(message, format, channels.length)
  }
}

/** Yields the same pieces, until the signal aborts. */
async function* until(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const stopped = aborted(signal).then(() => undefined)
  const iterator = pieces[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([iterator.next(), stopped])
    if (next === undefined || next.done === true) return
    yield next.value
  }
}
