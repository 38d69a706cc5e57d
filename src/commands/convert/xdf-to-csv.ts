import { program } from '../../server/runtime/program.ts'
import { userFiles } from '../../server/runtime/user-files.ts'
import { type Alignment, type CsvOptions, createAlignment, csvHeader, csvRows, readXdf } from '../../streams/mod.ts'
import { fileName } from '../../unicode/file-names.ts'
import { visible } from '../../unicode/visible.ts'
import { Failure } from '../shared/command.ts'
import { readWithProgress } from '../shared/progress.ts'
import type { Conversion } from './conversion.ts'
import { damageIn, type SurveyedStream, surveyXdf } from './xdf-survey.ts'

interface Output extends SurveyedStream {
  path: string
  align: Alignment
  writer: WritableStreamDefaultWriter<Uint8Array>
}

const utf8 = new TextEncoder()

/**
 * Converts XDF to CSV. Reads the file twice, because the last clock offset influences the first timestamp. Holds one
 * chunk of the file at a time.
 */
export async function xdfToCsv({ from, to, force, raw }: Conversion): Promise<void> {
  const survey = await surveyXdf(from)
  const { streams, damage } = survey
  if (streams.size === 0) throw damage ?? new Failure(`Cannot convert ${from}: it contains no stream`)
  const paths = pathsFor(streams, to)
  if (!force) for (const path of paths.values()) await userFiles.mustBeNew(path)
  const outputs = new Map<number, Output>()
  for (const [number, found] of streams) {
    const path = paths.get(number) as string
    const align: Alignment = raw ? (stamp) => stamp : createAlignment(found.offsets)
    outputs.set(number, { ...found, path, align, writer: (await userFiles.create(path, force)).getWriter() })
  }
  await write(from, outputs, { raw })
  for (const { path, description, samples } of outputs.values()) {
    program.print(`${path}: ${visible(description.name)}, ${description.channels.length} channels, ${samples} samples`)
  }
  const told = damageIn(survey)
  if (told !== undefined) throw new Failure(`${told}. What could be read was written`)
}

async function write(from: string, outputs: ReadonlyMap<number, Output>, options: CsvOptions): Promise<void> {
  for (const { writer, description } of outputs.values())
    await writer.write(utf8.encode(csvHeader(description, options)))
  for await (const part of readXdf(readWithProgress(from, 'Converting'))) {
    if (part.kind !== 'samples') continue
    const { description, align, writer } = outputs.get(part.stream) as Output
    const { timestamps, first } = part.samples
    const aligned = timestamps.map((stamp, i) => align(stamp, first + i))
    await writer.write(utf8.encode(csvRows({ ...part.samples, timestamps: aligned }, description, options)))
  }
  for (const { writer } of outputs.values()) await writer.close()
}

/** Returns the output file of each stream. If there are several, each file has its stream's name. */
function pathsFor(streams: ReadonlyMap<number, SurveyedStream>, to: string): Map<number, string> {
  if (streams.size === 1) return new Map([...streams.keys()].map((number) => [number, to]))
  const begin = Math.max(to.lastIndexOf('/'), to.lastIndexOf('\\')) + 1
  const [folder, stem, end] = [to.slice(0, begin), to.slice(begin, -4), to.slice(-4)]
  const taken = new Set<string>()
  const uses = new Map<string, number>()
  return new Map(
    [...streams].map(([number, { description }]) => {
      const name = description.name.normalize().replace(/[^\p{L}\p{N}._-]+/gu, '_') || `stream-${number}`
      let use = uses.get(name) ?? 0
      let file: string
      do {
        file = fileName(`${stem}-${name}`, ++use === 1 ? end : `-${use}${end}`)
        // Some file systems treat two names as one if they differ only in case.
      } while (taken.has(file.toLowerCase()))
      taken.add(file.toLowerCase())
      uses.set(name, use)
      return [number, folder + file]
    }),
  )
}
