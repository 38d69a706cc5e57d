import t from 'tap'
import { builtPage } from '../../../src/server/page/built-page.ts'
import { createPage } from '../../../src/server/page/page.ts'

let loads = 0
const app = createPage(
  builtPage(async () => {
    loads++
    return {
      files: {
        'studio/page.html': '<!doctype html><head><!-- head --></head>',
        'studio/main.ts': 'import { one } from "../streams/shared.ts"\n',
        'streams/shared.ts': 'export const one = 1\n',
        'libraries/uplot.css': '.u-over {}\n',
      },
    }
  }),
)

t.test('the page and its files come from the built ones, which the first request loads', async (t) => {
  t.equal(loads, 0)
  const html = await (await app.request('/')).text()
  t.match(html, '<script type="importmap">{"imports":{}}</script>', 'the modules import no libraries')
  t.match(html, '<link rel="modulepreload" href="modules/studio/main.ts">')
  t.match(html, '<link rel="modulepreload" href="modules/streams/shared.ts">')
  const module = await app.request('/modules/streams/shared.ts')
  t.match(module.headers.get('content-type'), 'text/javascript')
  t.equal(await module.text(), 'export const one = 1\n')
  t.equal(await (await app.request('/libraries/uplot.css')).text(), '.u-over {}\n')
})

t.test('a file that was not built is answered with 404', async (t) => {
  for (const path of ['/modules/studio/absent.ts', '/libraries/simple-peer.js', '/modules/studio/constructor.ts']) {
    t.equal((await app.request(path)).status, 404, path)
  }
})
