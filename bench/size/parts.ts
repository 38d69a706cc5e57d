import { SourceMap, type SourceMapPayload } from 'node:module'
import { gzipSync } from 'node:zlib'

export interface Part {
  name: string
  /** Bytes of the part in the app's minified code. */
  minified: number
  /** Its share of the app's gzip bytes, in proportion to the size of each part compressed alone. */
  gzip: number
}

/** The purpose of each file; the first match counts. */
const PURPOSES: readonly (readonly [name: string, files: RegExp])[] = [
  ['simple-peer', /node_modules\/simple-peer\/|peer\/simple-peer\//],
  ['recordings', /peer\/recording\/|streams\/xdf\//],
  ['clients before version 1', /peer\/legacy\//],
  ['sources: streams of devices, iterables, ticks that become streams', /streams\/sources\//],
  ['clocks and timestamps', /peer\/clock\/|streams\/(time|shared\/(now|timers))/],
  ['chunks, formats and descriptions', /src\/streams\//],
  ['msgpack, and checks of messages', /src\/(msgpack|guards|unicode)\//],
  ['frames of the signaling', /src\/protocol\//],
  ['session, its connection and rooms', /peer\/(signaling\/|room\/|connect|hosted)/],
  ['links, their recovery, signals and channels', /peer\/(link|channel)\//],
  ['publications, and what waits to be sent', /peer\/publish\//],
  ['streams of peers', /peer\/receive\//],
  ['messages between peers, and the rest of the companion', /src\/peer\//],
]

/** The app's own file. The sources of the companion are below its folder. */
const APP = /\/app-[^/]+\/[\w-]+\.js$/

/**
 * Splits an app's code into its parts, the largest first.
 *
 * @param map source map of the code
 * @throws Error if a file belongs to no known part
 */
export function partsOf(code: string, map: SourceMapPayload): Part[] {
  const texts = new Map<string, string>()
  for (const [source, text] of textsBySource(code, map)) {
    const name = APP.test(source) ? 'the app itself' : PURPOSES.find(([, files]) => files.test(source))?.[0]
    if (name === undefined) throw new Error(`Cannot tell what ${source} is there for`)
    texts.set(name, (texts.get(name) ?? '') + text)
  }
  const parts = [...texts].map(([name, text]) => ({ name, minified: text.length, gzip: gzipped(text) }))
  const share = gzipped(code) / parts.reduce((sum, { gzip }) => sum + gzip, 0)
  return parts.map((part) => ({ ...part, gzip: part.gzip * share })).sort((one, other) => other.gzip - one.gzip)
}

export const gzipped = (code: string): number => gzipSync(code, { level: 9 }).length

function textsBySource(code: string, payload: SourceMapPayload): Map<string, string> {
  const map = new SourceMap(payload)
  const texts = new Map<string, string>()
  // The bundler's own code has no source in the map. Attribute it to the preceding file.
  let source = payload.sources[0] as string
  for (const [line, text] of code.split('\n').entries()) {
    for (let column = 0; column < text.length; column++) {
      const entry = map.findEntry(line, column)
      if ('originalSource' in entry) source = entry.originalSource
      texts.set(source, (texts.get(source) ?? '') + text[column])
    }
  }
  return texts
}
