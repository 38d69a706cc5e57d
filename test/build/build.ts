import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { root, run } from '../fixture/server.ts'

t.test('a build that fails leaves the last one in place, and nothing else', async (t) => {
  const folder = t.testdir({ dist: { 'peer.js': 'the last build' }, src: {}, 'package.json': '{ "type": "module" }' })
  for (const path of ['build', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(root + path, `${folder}/${path}`, { recursive: true })
  }
  symlinkSync(`${root}node_modules`, `${folder}/node_modules`)
  writeFileSync(`${folder}/src/mod.ts`, "export const version: number = 'text'\n")
  const before = readdirSync(folder)
  const { code, stdout } = await run([process.execPath, `${folder}/build/build.ts`])
  t.not(code, 0)
  t.match(stdout, "src/mod.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'")
  t.strictSame(readdirSync(folder), before)
  t.equal(readFileSync(`${folder}/dist/peer.js`, 'utf8'), 'the last build')
})
