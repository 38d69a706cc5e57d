import t from 'tap'
import { asStarted } from '../../../src/server/runtime/program.ts'

const TEXT =
  'Usage: mod.ts [serve]. Run it with bun run mod.ts, deno run -P mod.ts, or node mod.ts. Record with -P=peer'
const PROGRAM = 'server/runtime/program'

t.test('texts say how to start the program from where it is', async (t) => {
  const folder = 'file:///app/node_modules'
  const npx = 'npx datastreams-webrtc. Record with -A'
  const start = (deno: string) =>
    `Usage: datastreams-webrtc [serve]. Run it with bunx --bun datastreams-webrtc, deno run --allow-net --allow-env ${deno}, or ${npx}`
  const texts = {
    [`file:///project/src/${PROGRAM}.ts`]: TEXT,
    [`${folder}/datastreams-webrtc/dist/src/${PROGRAM}.js`]: start('npm:datastreams-webrtc'),
    [`https://jsr.io/@datastreams/webrtc/0.1.0/src/${PROGRAM}.ts`]: start('jsr:@datastreams/webrtc/bin'),
  }
  for (const [url, text] of Object.entries(texts)) t.equal(asStarted(TEXT, url), text, url)
})
