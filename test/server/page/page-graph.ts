import t from 'tap'
import { importsOf, walkGraph } from '../../../src/server/page/page-graph.ts'

t.test('importsOf finds imports and re-exports as formatters, Node and Bun write them', async (t) => {
  const code = `
/**
 * \`\`\`ts
 * import { a } from 'comment'
 * \`\`\`
 */
import { b } from './b.ts'
import * as c from "./c.ts";
import"./d.ts";
import {
  type E,
  e,
} from './e.ts'
export * from './f.ts'
export {
  g,
} from './g.ts'
export const h = () => import('./later.ts')
export const i = (from) => f('no import')
const text = 'from "nowhere"'
`
  t.strictSame(importsOf(code), ['./b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts'])
})

const filesOf = (sources: Record<string, string>) => ({
  source: async (path: string) => sources[path],
  library: async () => '',
})

t.test('walkGraph visits circular imports once, and separates libraries from modules', async (t) => {
  const graph = await walkGraph(
    filesOf({
      'studio/main.ts': "import '../peer/a.ts'\nimport uPlot from 'uplot'\n",
      'peer/a.ts': "import './b.ts'\n",
      'peer/b.ts': "import './a.ts'\nimport 'uplot'\n",
    }),
    'studio/main.ts',
  )
  t.strictSame(graph, { modules: ['studio/main.ts', 'peer/a.ts', 'peer/b.ts'], libraries: ['uplot.js'] })
})

t.test('walkGraph names an import that cannot be served', async (t) => {
  const main = 'studio/main.ts'
  await t.rejects(walkGraph(filesOf({ [main]: "import 'left-pad'\n" }), main), {
    message: 'Cannot build the page: studio/main.ts imports left-pad, which the server does not serve',
  })
  await t.rejects(walkGraph(filesOf({ [main]: "import './absent.ts'\n" }), main), {
    message: 'Cannot build the page: the module studio/absent.ts is missing',
  })
})
