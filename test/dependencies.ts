import { readFileSync } from 'node:fs'
import t from 'tap'
import { root } from './fixture/server.ts'

interface Locked {
  dev?: boolean
  optional?: boolean
  peer?: boolean
  hasInstallScript?: boolean
  integrity?: string
}
const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')) as {
  packages: Record<string, Locked>
}
const installed = Object.entries(packages).filter(([path]) => path !== '')

t.test('production dependencies have no install scripts', async (t) => {
  const own = installed.filter(([, { dev, optional, peer }]) => !dev && !optional && !peer)
  t.ok(own.length > 5)
  for (const [path, { hasInstallScript }] of own) t.notOk(hasInstallScript, path)
})

t.test('every package is pinned by its hash', async (t) => {
  for (const [path, { integrity }] of installed) {
    // The hash of a package covers the packages that it bundles.
    if (path.lastIndexOf('node_modules/') === 0) t.match(integrity, /^sha512-/, path)
  }
})
