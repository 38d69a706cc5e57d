import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { root } from '../shared/processes.ts'
import { bundlers } from '../size/bundlers.ts'

/** The file of PeerJS for bundlers. A bundler cannot find it by name, because it is installed in bench/packages. */
const ALIASES = { peerjs: `${root}bench/packages/node_modules/peerjs/dist/bundler.mjs` }

export interface AppPage {
  /** URL of the page, such as `http://localhost:40123/`. */
  url: string
  /** Resolves with the JSON that the next page sends by POST to `/outcome`. For pages without a debugger. */
  outcome(): Promise<unknown>
  close(): void
}

/**
 * Serves an app of one page. Its program is bundled and minified into one file, as in real apps.
 *
 * @param entry path below the project's folder, such as `bench/connect/ours.ts`
 * @param aliases more imports that the bundler replaces, by the name of the import
 */
export async function serveApp(entry: string, aliases: Readonly<Record<string, string>> = {}): Promise<AppPage> {
  const { code } = await bundlers.esbuild({ entry: `${root}${entry}`, aliases: { ...ALIASES, ...aliases } })
  const html = '<!doctype html><meta charset="utf-8"><title>Bench</title><script type="module" src="/app.js"></script>'
  const waiting: ((outcome: unknown) => void)[] = []
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (request.method === 'POST' && pathname === '/outcome') {
      waiting.shift()?.(await json(request))
      response.writeHead(204).end()
      return
    }
    const [status, type, body] =
      pathname === '/app.js'
        ? [200, 'text/javascript', code]
        : pathname === '/'
          ? [200, 'text/html', html]
          : [404, 'text/plain', '']
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  const outcome = (): Promise<unknown> => new Promise((resolve) => waiting.push(resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, outcome, close }
}
