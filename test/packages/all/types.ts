import t from 'tap'
import { root } from '../fixture/execute.ts'
import { appFolder } from '../fixture/folder.ts'
import { packed } from '../fixture/packed.ts'
import { startRegistry } from '../fixture/registry.ts'
import { tools } from '../fixture/tools.ts'
import { compile, README } from '../fixture/types.ts'

t.setTimeout(600_000)
const folder = await appFolder(t, await startRegistry(t, await packed()), {
  'readme.ts': README,
  'wrong.ts': `import { connect } from 'datastreams-webrtc/peer'

export const session: number = await connect('wss://example.org/signal')
`,
})

for (const [name, compiler] of [
  ['TypeScript 5.9', `${tools}node_modules/typescript`],
  ['TypeScript 7', `${root}node_modules/typescript`],
] as const) {
  for (const resolution of ['bundler', 'nodenext'] as const) {
    t.test(`${name} with ${resolution}: README compiles, and wrong code does not`, async (t) => {
      t.equal(await compile(compiler, folder, resolution, ['readme.ts']), '')
      const error =
        /^Cannot run [\s\S]*\nwrong\.ts\(3,14\): error TS2322: Type 'Session' is not assignable to type 'number'/
      await t.rejects(compile(compiler, folder, resolution, ['wrong.ts']), { message: error })
    })
  }
}
