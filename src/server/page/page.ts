import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { etag } from 'hono/etag'
import { LIBRARIES, type LibraryName, type PageFiles, PageUnavailable } from './page-files.ts'
import { type ModuleGraph, walkGraph } from './page-graph.ts'
import { contentSecurityPolicy, fillPage } from './page-html.ts'

export { type LibraryName, type PageFiles, PageUnavailable } from './page-files.ts'

/**
 * Creates the app that serves the page and its modules. There is no build: the browser receives our own TypeScript
 * with its types stripped, module by module.
 *
 * - `GET /`: the page
 * - `GET /modules/<path>`: a module or asset from `src/unicode`, `src/protocol`, `src/streams`, `src/peer` or `src/studio`
 * - `GET /libraries/<name>`: a library, as one module
 *
 * Every URL in the page is relative, so the app can be mounted anywhere. The app answers 503 with the reason in plain
 * text if the server may not read its files.
 *
 * @param wantsToken whether the page asks people for a token
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 *
 * const app = new Hono()
 * app.route('/', createPage(pageFiles()))
 * ```
 */
export function createPage(files: PageFiles, wantsToken = false): Hono {
  const kept = keepInMemory(files)
  let graph: Promise<ModuleGraph> | undefined

  const app = new Hono()
  app.onError((error, c) => {
    if (error instanceof PageUnavailable) return c.text(`${error.message}\n`, 503)
    throw error
  })
  for (const path of ['/', '/modules/*', '/libraries/*']) app.get(path, compress(), etag({ weak: true }))

  app.get('/', async (c) => {
    const page = await kept.source('studio/page.html')
    if (page === undefined) return c.notFound()
    graph ??= walkGraph(kept, 'studio/main.ts').catch((error) => {
      graph = undefined
      throw error
    })
    // Await the graph before anything else: an unhandled rejection would end the server.
    const modules = await graph
    c.header('content-security-policy', await contentSecurityPolicy())
    return answer(c, 'text/html', fillPage(page, c.req.path, modules, wantsToken))
  })

  app.get('/modules/:folder/*', async (c) => {
    const path = c.req.path.slice(c.req.path.lastIndexOf('/modules/') + '/modules/'.length)
    const type = typeOf(path)
    const text = type === undefined ? undefined : await kept.source(path)
    return type === undefined || text === undefined ? c.notFound() : answer(c, type, text)
  })

  app.get('/libraries/:name', async (c) => {
    const name = c.req.param('name')
    if (!Object.hasOwn(LIBRARIES, name)) return c.notFound()
    return answer(c, name.endsWith('.css') ? 'text/css' : 'text/javascript', await kept.library(name as LibraryName))
  })
  return app
}

/** With `no-cache`, the browser checks the ETag each time. So a newer server never meets modules of an older page. */
const answer = (c: Context, type: string, text: string): Response =>
  c.body(text, 200, {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })

/** Returns the MIME type of a file that the server may serve. All others get undefined, so no path leads outside. */
function typeOf(path: string): string | undefined {
  const name = /^(?:unicode|protocol|streams|peer|studio)\/(?:[a-z0-9-]+\/)*[a-z0-9-]+\.(ts|css)$/.exec(path)
  if (name === null) return undefined
  return name[1] === 'css' ? 'text/css' : 'text/javascript'
}

/** Caches files by name. The cache cannot outgrow the files: it drops a read that fails or finds no file. */
function keepInMemory(files: PageFiles): PageFiles {
  const kept = new Map<string, Promise<string | undefined>>()
  const keep = (key: string, read: () => Promise<string | undefined>): Promise<string | undefined> => {
    const known = kept.get(key)
    if (known !== undefined) return known
    const reading = read()
    kept.set(key, reading)
    const letGo = () => kept.delete(key)
    reading.then((text) => text === undefined && letGo(), letGo)
    return reading
  }
  return {
    source: (path) => keep(`modules/${path}`, () => files.source(path)),
    library: (name) =>
      keep(`libraries/${name}`, async () => LIBRARIES[name].wrap(await files.library(name))) as Promise<string>,
  }
}
