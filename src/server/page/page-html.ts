import { html, raw } from 'hono/html'
import { LIBRARIES } from './page-files.ts'
import type { ModuleGraph } from './page-graph.ts'

/** Maps the bare names that our modules import to the files that the server has for them. */
const IMPORT_MAP = JSON.stringify({
  imports: Object.fromEntries(
    Object.entries(LIBRARIES).flatMap(([name, { specifier }]) =>
      specifier === undefined ? [] : [[specifier, `./libraries/${name}`]],
    ),
  ),
})

/**
 * Puts what only the server knows into the page: its base, the import map, what to load ahead, and whether it wants tokens.
 *
 * @param page the document, with the comment `<!-- head -->` where this belongs
 * @param path of the request, such as `/` or `/streams`
 */
export function fillPage(page: string, path: string, graph: ModuleGraph, wantsToken: boolean): string {
  const preloads = [
    ...graph.libraries.map((name) => `libraries/${name}`),
    ...graph.modules.map((module) => `modules/${module}`),
  ].map((url) => html`<link rel="modulepreload" href="${url}">\n`)
  const token = wantsToken ? html`<meta name="wants-token">\n` : ''
  const head = html`${baseOf(path)}${token}<script type="importmap">${raw(IMPORT_MAP)}</script>
${preloads}`
  return page.replace('<!-- head -->', () => head.toString())
}

/**
 * All addresses in the page are relative. Where the app is mounted at `/streams` and asked for without a slash at the
 * end, they would miss the last segment, so the page says what they are relative to.
 */
function baseOf(path: string): unknown {
  const last = path.slice(path.lastIndexOf('/') + 1)
  return last === '' ? '' : html`<base href="./${last}/">\n`
}

/**
 * What the page may do (W3C Content Security Policy 3): run our files and the one inline import map, which is named by
 * its hash; talk to its own server over HTTP and to any WebSocket, as `connect-src 'self'` leaves out ws: in some
 * browsers. Peers are reached over WebRTC, which the policy does not cover.
 */
export async function contentSecurityPolicy(): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(IMPORT_MAP))
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
