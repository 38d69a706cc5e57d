import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { root } from './processes.ts'

const require = createRequire(`${root}bench/packages/package.json`)

/**
 * Loads a package that only the benches use. Such packages are installed apart from the project's, so the type checker
 * cannot find their types. The caller declares the part that it uses.
 *
 * @throws Error if the package is not installed
 */
export async function benchPackage<Used>(name: string): Promise<Used> {
  let path: string
  try {
    path = require.resolve(name)
  } catch (cause) {
    throw new Error(`Cannot load ${name} as the packages of the benches are missing: npm ci --prefix bench/packages`, {
      cause,
    })
  }
  return (await import(pathToFileURL(path).href)) as Used
}
