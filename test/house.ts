import { dirname, posix } from 'node:path'
import t from 'tap'
import { importsOf, sourceFiles } from '../docs/imports.ts'

const sources = sourceFiles()
const imports = importsOf(sources)

/** The rooms that each room may import from, besides itself. */
const arrows: Record<string, string[]> = {
  'src/msgpack': [],
  'src/unicode': [],
  'src/guards': ['src/unicode'],
  'src/protocol': ['src/guards', 'src/unicode'],
  'src/core': ['src/protocol'],
  'src/server': ['src/core', 'src/protocol', 'src/unicode'],
  'src/streams': ['src/guards', 'src/msgpack', 'src/unicode'],
  'src/peer': ['src/protocol', 'src/streams', 'src/guards', 'src/msgpack', 'src/unicode'],
  'src/commands': ['src/server', 'src/peer', 'src/streams', 'src/unicode'],
  'src/studio': ['src/peer', 'src/streams', 'src/unicode'],
  plugins: [
    'src/mod.ts',
    'src/peer/mod.ts',
    'src/peer/legacy/mod.ts',
    'src/peer/recording/mod.ts',
    'src/streams/mod.ts',
    'src/server/mod.ts',
  ],
}

t.test('rooms import only from the rooms below them', async (t) => {
  for (const { from, to } of imports) {
    const room = Object.keys(arrows).find((name) => from.startsWith(`${name}/`))
    if (room === undefined) continue
    const allowed = [room, ...(arrows[room] as string[])]
    if (!allowed.some((name) => to === name || to.startsWith(`${name}/`))) t.fail(`${from} imports ${to}`)
  }
})

/** All folders of src, from top to bottom. A folder may import from the folders after it. */
const order = [
  'src/studio/{,chart,sources}',
  'src/commands/{,publish,convert,shared}',
  'src/{}',
  'src/server/{program,,identity,connections,metrics,runtime,page,shared}',
  'src/core/{,users,relay,rooms,fan-out,delivery,buffers,shared}',
  'src/peer/{recording,legacy,,room,credentials,internal,signaling,publish,receive,link,clock,channel,wire,runtime,shared}',
  'src/streams/{,xdf,text,sources,time,chunks,description,shared}',
  'src/protocol/{}',
  'src/msgpack/{}',
  'src/guards/{}',
  'src/unicode/{}',
].flatMap((room) => {
  const [, name, folders] = /^(.+)\/\{(.*)\}$/.exec(room) as unknown as [string, string, string]
  return folders.split(',').map((folder) => posix.join(name, folder))
})

/** Within these rooms, an import from another folder must use that folder's mod.ts. */
const closedRooms = ['src/peer', 'src/streams', 'src/core']

t.test('folders of src import downwards', async (t) => {
  for (const { from, to } of imports) {
    const [above, below] = [order.indexOf(dirname(from)), order.indexOf(dirname(to))]
    if (from.startsWith('src/') && above < 0) t.fail(`${dirname(from)} is not in the order of folders`)
    if (above >= 0 && below >= 0 && above > below) t.fail(`${from} imports ${to}, which is above it`)
  }
})

t.test('folders are imported through their mod.ts', async (t) => {
  for (const { from, to } of imports) {
    const room = closedRooms.find((room) => from.startsWith(`${room}/`) && to.startsWith(`${room}/`))
    if (room === undefined || dirname(from) === dirname(to) || posix.basename(to) === 'mod.ts') continue
    t.fail(`${from} imports ${to}`)
  }
})

t.test('no imports are circular', async (t) => {
  for (const nodeOf of [(path: string) => path, dirname]) {
    const graph = new Map<string, Set<string>>()
    for (const { from, to } of imports) {
      const [one, other] = [nodeOf(from), nodeOf(to)]
      if (one !== other && !from.startsWith('test/')) graph.set(one, (graph.get(one) ?? new Set()).add(other))
    }
    const circle = circleIn(graph)
    t.strictSame(circle, [], circle.join(' → '))
  }
})

t.test('a folder has at most 20 files', async (t) => {
  const counts = new Map<string, number>()
  for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  for (const [folder, count] of counts) if (count > 20) t.fail(`${folder} has ${count} files`)
})

t.test('only the runtime files use runtime names', async (t) => {
  for (const { path, text } of sources) {
    if (!path.startsWith('src/') || /^src\/(server|peer)\/runtime\//.test(path)) continue
    const code = text
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/\/\/.*$/gm, '')
      .replace(/`[^`]*`|'[^'\n]*'/g, (quoted) => (quoted.includes('node:') ? quoted : ''))
    t.notMatch(code, /\b(?:Bun|Deno|process)\b|node:/, path)
  }
})

/** The files that read the time of day, which an operator can change. A duration must not depend on it. */
const readsTimeOfDay: Record<string, string> = {
  'src/core/shared/options.ts': 'tokens and TURN credentials expire by it',
  'src/peer/credentials/certificate.ts': 'certificates expire by it',
  'src/server/app.ts': 'tokens expire by it',
  'src/server/metrics/log.ts': 'lines of the log have it',
}

t.test('durations do not depend on the time of day', async (t) => {
  const found = sources
    .filter(
      ({ path, text }) =>
        /^(src|plugins)\//.test(path) && /^(?! *(\*|\/[/*])).*(\bDate\.now\b|new Date\(\))/m.test(text),
    )
    .map(({ path }) => path)
  t.strictSame(found.sort(), Object.keys(readsTimeOfDay), 'measure durations with performance.now()')
})

t.test('a file has at most 300 lines', async (t) => {
  const lines = sources
    .filter(({ path }) => !path.startsWith('test/'))
    .map(({ path, text }) => ({ path, count: text.split('\n').length - 1 }))
    .sort((one, other) => one.count - other.count)
  for (const { path, count } of lines) if (count > 300) t.fail(`${path} has ${count} lines`)
  const median = lines[lines.length >> 1]?.count ?? 0
  t.ok(median <= 120, `the median is ${median}`)
})

/** Returns the nodes of a circle, or nothing if there is none. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (node: string): string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node]
    if (done.has(node)) return []
    path.push(node)
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next)
      if (circle.length > 0) return circle
    }
    path.pop()
    done.add(node)
    return []
  }
  for (const node of graph.keys()) {
    const circle = visit(node)
    if (circle.length > 0) return circle
  }
  return []
}
