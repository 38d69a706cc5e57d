import { mkdirSync, writeFileSync } from 'node:fs'
import { bundleCompanion } from '../../build/bundles.ts'
import { root } from '../shared/processes.ts'

/**
 * Writes the companion as the package has it.
 *
 * @param folder absolute, without a slash at its end. It becomes the package's folder
 * @returns for a bundler: the files behind the package's names
 */
export async function writeCompanion(folder: string): Promise<Record<string, string>> {
  mkdirSync(folder, { recursive: true })
  const { files } = await bundleCompanion(root)
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text)
  // As in the package: a bundler may drop what an app does not use.
  writeFileSync(`${folder}/package.json`, JSON.stringify({ type: 'module', sideEffects: false }))
  return Object.fromEntries(
    ['peer', 'legacy', 'recording'].map((name) => [`datastreams-webrtc/${name}`, `${folder}/${name}.js`]),
  )
}
