/**
 * Writes docs/options.md from the options' own tables, and the pictures in ARCHITECTURE.md from the imports:
 * node docs/generate.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { command as convert } from '../src/commands/convert.ts'
import { command as publish } from '../src/commands/publish.ts'
import { command as record } from '../src/commands/record.ts'
import { type Command, introductionOf } from '../src/commands/shared/command.ts'
import { command as watch } from '../src/commands/watch.ts'
import { serverFlags } from '../src/server/program/command-line.ts'
import type { Flags } from '../src/server/program/flags.ts'
import { usageOf } from '../src/server/program/help.ts'
import { importsOf, pictureOf, sourceFiles } from './imports.ts'

const commands: Readonly<Record<string, Command>> = { publish, record, watch, convert }

/** The page of all options. */
export function optionsPage(): string {
  return `# Options

\`\`\`sh
bun run mod.ts --port 0 --log text
\`\`\`

\`bun run mod.ts --help\` prints this reference too, and \`bun run mod.ts COMMAND --help\` that of a command. This page is
generated: \`node docs/generate.ts\` writes it from the tables that the program reads.

- [The server](#the-server)
${Object.keys(commands)
  .map((name) => `- [${name}](#${name})`)
  .join('\n')}

## The server

${tableOf(serverFlags)}
${Object.entries(commands)
  .map(
    ([name, command]) => `\n## ${name}\n\n\`\`\`\n${introductionOf(command)}\n\`\`\`\n\n${tableOf(command.options)}\n`,
  )
  .join('')}`
}

/** ARCHITECTURE.md with pictures of the imports as they are. */
export function architecturePage(): string {
  const imports = importsOf(sourceFiles())
  const pictures: Record<string, string> = {
    rooms: pictureOf(imports, (path) => /^(?:src\/(\w+)|(plugins|mod)\b)/.exec(path)?.slice(1).find(Boolean)),
    peer: pictureOf(imports, (path) => /^src\/peer\/(\w+)\/\w/.exec(path)?.[1]),
  }
  return readFileSync(architecture, 'utf8').replace(
    /(<!-- picture: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, name: string, end: string) => `${begin}${pictures[name]}\n${end}`,
  )
}

const architecture = new URL('../ARCHITECTURE.md', import.meta.url)

function tableOf(flags: Flags): string {
  const rows = Object.entries(flags).map(
    ([name, flag]) => `| \`${usageOf(name, flag).replaceAll('|', '\\|')}\` | ${flag.help} |`,
  )
  return ['| option | meaning |', '|---|---|', ...rows].join('\n')
}

if (import.meta.main) {
  writeFileSync(new URL('options.md', import.meta.url), optionsPage())
  writeFileSync(architecture, architecturePage())
}
