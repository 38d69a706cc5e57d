import { writeFileSync } from 'node:fs'
import t from 'tap'
import { execute } from '../fixture/execute.ts'
import { newFolder } from '../fixture/folder.ts'
import { packed } from '../fixture/packed.ts'
import { tools } from '../fixture/tools.ts'
import { everyEntry } from '../fixture/types.ts'

t.setTimeout(600_000)
const folder = newFolder(t)
writeFileSync(`${folder}/package.tgz`, await packed())

t.test('publint finds nothing', async (t) => {
  const printed = await execute([`${tools}node_modules/.bin/publint`, 'run', 'package.tgz', '--strict'], folder)
  t.match(printed, 'All good!')
})

t.test('Are The Types Wrong finds nothing', async (t) => {
  const entries = Object.keys(everyEntry).map((entry) => entry.replace('datastreams-webrtc', '.'))
  const command = [
    `${tools}node_modules/.bin/attw`,
    'package.tgz',
    '--profile',
    'esm-only',
    '--entrypoints',
    ...entries,
  ]
  // It exits with 1 if it finds a problem.
  const printed = await execute(command, folder)
  for (const resolution of ['node16 (from ESM): 🟢 (ESM)', 'bundler: 🟢']) {
    t.equal(printed.split(resolution).length - 1, entries.length, resolution)
  }
})
