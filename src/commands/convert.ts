import { userFiles } from '../server/runtime/user-files.ts'
import { readArguments } from './arguments.ts'
import { type Command, Failure, UsageError } from './command.ts'
import { textToXdf } from './text-to-xdf.ts'
import { xdfToCsv } from './xdf-to-csv.ts'

/** What both ways of converting are told. */
export interface Conversion {
  from: string
  to: string
  /** Writes over files that are there. */
  force: boolean
  /** Leaves timestamps by each source's own clock. */
  raw: boolean
}

/** Turns a recording into another format. */
export const command: Command = {
  help: `Usage: mod.ts convert IN OUT [options]

Turns a recording into another format:
  IN is XDF, OUT ends in .csv          one file a stream: OUT where there is one stream, else OUT-NAME.csv for each
  IN is OpenBCI's .txt or CSV, OUT ends in .xdf

A CSV file has a line of labels and units, the time in seconds by the recorder's clock (each stamp plus the line
through the stream's clock offsets), and the values as they were recorded. Where IN is damaged or cut short, what can
be read is written, the place is told, and the exit code is 1.

Options:
  --raw    leave the timestamps of XDF as they are, by each source's own clock
  --force  write over files that are there
  --help   show this text

With Deno: deno run -P=files mod.ts convert IN OUT`,
  async run(args) {
    const { values, positionals } = readArguments(args, ['IN', 'OUT'], {
      raw: { type: 'boolean' },
      force: { type: 'boolean' },
    })
    const [from, to] = positionals as [string, string]
    const conversion = { from, to, force: values.force === true, raw: values.raw === true }
    const convert = /\.csv$/i.test(to) ? xdfToCsv : /\.xdf$/i.test(to) ? textToXdf : undefined
    if (convert === undefined) throw new UsageError(`Cannot convert to ${to} as it must end in .csv or .xdf`)
    if (await userFiles.same(from, to)) throw new Failure(`Cannot write ${to} as it is the file that is read`)
    await convert(conversion)
  },
}
