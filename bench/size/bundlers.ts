import type { SourceMapPayload } from 'node:module'
import { benchPackage } from '../shared/packages.ts'
import { root } from '../shared/processes.ts'

export interface BundleOptions {
  /** Path of the app's main file. */
  entry: string
  aliases: Readonly<Record<string, string>>
}

/** The code that a browser loads: one module, minified. The map's sources are paths below the repository. */
export interface Bundle {
  code: string
  map: SourceMapPayload
}

export type Bundler = (options: BundleOptions) => Promise<Bundle>

/** The part of esbuild that the benches use. */
interface Esbuild {
  build(options: object): Promise<{ outputFiles: { path: string; text: string }[] }>
}

/** The part of Vite that the benches use. */
interface Vite {
  build(options: object): Promise<{ output: { code: string; map: SourceMapPayload }[] }>
}

export const bundlers: Readonly<Record<'esbuild' | 'vite', Bundler>> = {
  async esbuild({ entry, aliases }) {
    const { build } = await benchPackage<Esbuild>('esbuild')
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      alias: aliases,
      bundle: true,
      minify: true,
      write: false,
      sourcemap: 'external',
      outdir: 'out',
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      legalComments: 'none',
      logLevel: 'error',
    })
    const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text as string
    return { code: textOf('.js'), map: JSON.parse(textOf('.map')) as SourceMapPayload }
  },
  async vite({ entry, aliases }) {
    const { build } = await benchPackage<Vite>('vite')
    const {
      output: [chunk],
    } = await build({
      root,
      configFile: false,
      logLevel: 'error',
      resolve: { alias: aliases },
      build: {
        write: false,
        sourcemap: 'hidden',
        minify: true,
        target: 'es2022',
        modulePreload: { polyfill: false },
        rollupOptions: { input: entry, output: { codeSplitting: false } },
      },
    })
    return chunk as Bundle
  },
}
