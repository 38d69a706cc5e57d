import { html, raw } from 'hono/html'
import { LIBRARIES } from './page-files.ts'
import type { ModuleGraph } from './page-graph.ts'

/** Maps the bare names that the page's modules import to the files that the server serves for them. */
const importMapOf = ({ libraries }: ModuleGraph): string =>
  JSON.stringify({
    imports: Object.fromEntries(libraries.map((name) => [LIBRARIES[name].specifier, `./libraries/${name}`])),
  })

/**
 * Inserts what only the server knows into the page:
 *
 * - the base URL
 * - the import map
 * - the modules to preload
 * - whether the server requires tokens
 *
 * @param page the document; the comment `<!-- head -->` marks the place to insert at
 * @param path of the request, such as `/` or `/streams`
 */
export function fillPage(page: string, path: string, graph: ModuleGraph, wantsToken: boolean): string {
  const preloads = [
    ...graph.libraries.map((name) => `libraries/${name}`),
    ...graph.modules.map((module) => `modules/${module}`),
  ].map((url) => html`<link rel="modulepreload" href="${url}">\n`)
  const token = wantsToken ? html`<meta name="wants-token">\n` : ''
  const head = html`${baseOf(path)}${token}<script type="importmap">${raw(importMapOf(graph))}</script>
${preloads}`
  return page.replace('<!-- head -->', () => head.toString())
}

/**
 * All URLs in the page are relative. For an app at `/streams` and a request without a slash at the end, they would lose
 * the last segment. So the page declares its base.
 */
function baseOf(path: string): unknown {
  const last = path.slice(path.lastIndexOf('/') + 1)
  return last === '' ? '' : html`<base href="./${last}/">\n`
}

/**
 * Returns what the page may do (W3C Content Security Policy 3):
 *
 * - run our files, and the one inline import map, which the policy names by its hash
 * - connect to its own server over HTTP
 * - connect to any WebSocket, because `connect-src 'self'` excludes `ws:` in some browsers
 *
 * The policy does not cover WebRTC, which connects the page to peers.
 */
export async function contentSecurityPolicy(graph: ModuleGraph): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(importMapOf(graph)))
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)))
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "base-uri 'self'",
    "form-action 'self'",
  ].join('; ')
}
