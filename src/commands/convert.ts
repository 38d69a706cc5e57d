import type { Flags } from '../server/program/flags.ts'
import { helpFlag } from '../server/program/help.ts'
import { userFiles } from '../server/runtime/user-files.ts'
import { textToXdf } from './convert/text-to-xdf.ts'
import { xdfToCsv } from './convert/xdf-to-csv.ts'
import { readArguments } from './shared/arguments.ts'
import { type Command, Failure, UsageError } from './shared/command.ts'

const options = {
  raw: { type: 'boolean', help: "to CSV: keeps the timestamps on each source's own clock, and text as it is" },
  force: { type: 'boolean', help: 'overwrites existing files' },
  help: helpFlag,
} as const satisfies Flags

/** Converts a recording to another format. */
export const command: Command = {
  usage: ['mod.ts convert IN OUT [options]'],
  about: `Converts a recording:
  XDF to CSV                  OUT ends in .csv; several streams: one file OUT-NAME.csv for each
  OpenBCI text or CSV to XDF  OUT ends in .xdf

A CSV file has a line of labels and units, the time in seconds on the recorder's clock, and the values as recorded. Text
that a spreadsheet would run as a formula gets an apostrophe before it. If IN is damaged or cut short, the readable part
is converted, the place is reported, and the exit code is 1.`,
  options,
  deno: 'deno run -P=files mod.ts convert IN OUT',
  async run(args) {
    const { values, positionals } = readArguments(args, ['IN', 'OUT'], options)
    const [from, to] = positionals as [string, string]
    const conversion = { from, to, force: values.force === true, raw: values.raw === true }
    const convert = /\.csv$/i.test(to) ? xdfToCsv : /\.xdf$/i.test(to) ? textToXdf : undefined
    if (convert === undefined) throw new UsageError(`Cannot convert to ${to}: it must end in .csv or .xdf`)
    if (await userFiles.same(from, to)) throw new Failure(`Cannot write ${to}: it is also the input`)
    await convert(conversion)
  },
}
