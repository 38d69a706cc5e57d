import { type Context, Hono } from 'hono'
import { type Answer, cache, prepare, send } from './answers.ts'
import { LIBRARIES, type LibraryName, type PageFiles, PageUnavailable } from './page-files.ts'
import { type ModuleGraph, walkGraph } from './page-graph.ts'
import { contentSecurityPolicy, fillPage } from './page-html.ts'

export { type LibraryName, type PageFiles, PageUnavailable } from './page-files.ts'

/**
 * Creates the app that serves the page and its modules. In the repository there is no build: the browser receives our
 * own TypeScript with its types stripped, module by module. The package contains the page built, in a few modules.
 *
 * - `GET /`: the page
 * - `GET /modules/<path>`: a module or asset from `src/studio`, or from a folder that it imports
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
  const answers = cache<Answer>(MOST_KEPT)
  let graph: Promise<ModuleGraph> | undefined

  const app = new Hono()
  app.onError((error, c) => {
    if (error instanceof PageUnavailable) return c.text(`${error.message}\n`, 503)
    throw error
  })
  const answer = async (c: Context, key: string, make: () => Promise<Answer | undefined>): Promise<Response> => {
    const found = await answers(key, make)
    return found === undefined ? c.notFound() : send(c, found)
  }

  app.get('/', (c) =>
    answer(c, c.req.path, async () => {
      const page = await kept.source('studio/page.html')
      if (page === undefined) return undefined
      graph ??= walkGraph(kept, 'studio/main.ts').catch((error) => {
        graph = undefined
        throw error
      })
      // Await the graph before anything else: an unhandled rejection would end the server.
      const modules = await graph
      const policy = { 'content-security-policy': await contentSecurityPolicy(modules) }
      return prepare(fillPage(page, c.req.path, modules, wantsToken), { ...headersOf('text/html'), ...policy })
    }),
  )

  app.get('/modules/:folder/*', (c) => {
    const path = c.req.path.slice(c.req.path.lastIndexOf('/modules/') + '/modules/'.length)
    const type = typeOf(path)
    if (type === undefined) return c.notFound()
    return answer(c, `modules/${path}`, async () => {
      const text = await kept.source(path)
      return text === undefined ? undefined : prepare(text, headersOf(type))
    })
  })

  app.get('/libraries/:name', (c) => {
    const name = c.req.param('name')
    if (!Object.hasOwn(LIBRARIES, name)) return c.notFound()
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript'
    return answer(c, `libraries/${name}`, async () => {
      const text = await kept.library(name as LibraryName)
      return text === undefined ? undefined : prepare(text, headersOf(type))
    })
  })
  return app
}

/** Most texts, and most answers, in memory. The page has about two hundred files, and one document for each mount. */
const MOST_KEPT = 512

const headersOf = (type: string): Record<string, string> => ({
  'content-type': `${type}; charset=utf-8`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
})

/** Returns the MIME type of a file that the server may serve. All others get undefined, so no path leads outside. */
function typeOf(path: string): string | undefined {
  const name = /^(?:guards|msgpack|unicode|protocol|streams|peer|studio)\/(?:[a-z0-9-]+\/)*[a-z0-9-]+\.(ts|css)$/.exec(
    path,
  )
  if (name === null) return undefined
  return name[1] === 'css' ? 'text/css' : 'text/javascript'
}

/** Reads each file once. */
function keepInMemory(files: PageFiles): PageFiles {
  const keep = cache<string>(MOST_KEPT)
  return {
    source: (path) => keep(`modules/${path}`, () => files.source(path)),
    library: (name) =>
      keep(`libraries/${name}`, async () => {
        const text = await files.library(name)
        return text === undefined ? undefined : LIBRARIES[name].wrap(text)
      }),
  }
}
