import t from 'tap'
import { root, run } from '../fixture/server.ts'

/** Replaces `Symbol` by one without the keys of `using` and `await using`, as in browsers before them. */
const lacking = `
  const Native = Symbol
  const Lacking = (description) => Native(description)
  for (const name of Object.getOwnPropertyNames(Native)) {
    if (!(name in Lacking) && !/dispose/i.test(name)) Lacking[name] = Native[name]
  }
  globalThis.Symbol = Lacking`

t.test('the companion loads in a browser that lacks Symbol.asyncDispose', async (t) => {
  const load = ['peer', 'streams'].map((name) => `await import('file://${root}src/${name}/mod.ts')`)
  const program = [lacking, 'console.log(Symbol.asyncDispose)', ...load, "console.log('loaded')"].join('\n')
  const { code, stdout, stderr } = await run([process.execPath, '--input-type=module', '--eval', program])
  t.equal(code, 0, stderr)
  t.equal(stdout, 'undefined\nloaded\n')
})
