import { program } from '../../server/runtime/program.ts'
import { userFiles } from '../../server/runtime/user-files.ts'
import {
  type RecordedStream,
  Recorder,
  type RecordingHead,
  RecordingParser,
  type RecordingRows,
  type StreamDescription,
  StreamError,
} from '../../streams/mod.ts'
import { isXdf } from '../../streams/xdf/xdf-format.ts'
import { Failure } from '../shared/command.ts'
import { readWithProgress } from '../shared/progress.ts'
import type { Conversion } from './conversion.ts'

/** Converts a file of the OpenBCI GUI, or CSV, to XDF with one stream. Holds one piece of the file at a time. */
export async function textToXdf({ from, to, force }: Conversion): Promise<void> {
  const parser = new RecordingParser()
  let recorder: Recorder | undefined
  let stream: RecordedStream | undefined
  let written = 0
  const take = async ({ data, timestamps }: RecordingRows) => {
    if (timestamps.length === 0) return
    // Create the output only after the first rows: an input that is not a recording must leave no output.
    recorder ??= new Recorder(await userFiles.create(to, force))
    stream ??= await recorder.addStream(describeText(parser.head as RecordingHead, from))
    await stream.write({ data, timestamps, first: written })
    written += timestamps.length
  }
  let fault: StreamError | undefined
  try {
    for await (const piece of readWithProgress(from, 'Converting')) {
      if (isXdf(piece)) {
        throw new Failure(`Cannot convert ${from} to ${to}: it is XDF already. Name a file that ends in .csv`)
      }
      await take(parser.push(piece))
    }
    await take(parser.end())
  } catch (error) {
    if (!(error instanceof StreamError) || error.code !== 'bad-recording' || recorder === undefined) throw error
    fault = error
  }
  await recorder?.close()
  program.print(
    `${to}: ${stream?.description.name}, ${stream?.description.channels.length} channels, ${written} samples`,
  )
  if (fault !== undefined) throw new Failure(`${fault.message}. The ${written} rows before it were written`)
}

/** Returns the description of a text recording. The stream has the name of its file. */
export function describeText({ labels, units, nominalRate }: RecordingHead, from: string): StreamDescription {
  const openBci = labels.every((label) => label.startsWith('EXG Channel'))
  const type = openBci ? 'EXG' : ''
  const name = (from.split(/[\\/]/).at(-1) as string).replace(/\.\w+$/, '')
  return {
    ...{ name, type, nominalRate, timeUnit: 'ms', format: 'float64', sourceId: name },
    channels: labels.map((label, i) => ({ label, unit: units[i] ?? '', type })),
  }
}
