import { benchPackage } from '../shared/packages.ts'
import { root } from '../shared/processes.ts'

export interface BundleOptions {
  /** A file. */
  entry: string
  aliases: Readonly<Record<string, string>>
  /** Imports that are left out. */
  without?: readonly string[]
}

/** The code as a browser gets it: one module, minified. */
export type Bundler = (options: BundleOptions) => Promise<string>

/** What is used of esbuild. */
interface Esbuild {
  build(options: object): Promise<{ outputFiles: { text: string }[] }>
}

/** What is used of Vite. */
interface Vite {
  build(options: object): Promise<{ output: { type: string; code?: string }[] }>
}

export const bundlers: Readonly<Record<'esbuild' | 'vite', Bundler>> = {
  async esbuild({ entry, aliases, without = [] }) {
    const { build } = await benchPackage<Esbuild>('esbuild')
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      alias: aliases,
      external: without,
      bundle: true,
      minify: true,
      write: false,
      outdir: 'out',
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      legalComments: 'none',
      logLevel: 'error',
    })
    return outputFiles.map(({ text }) => text).join('')
  },
  async vite({ entry, aliases, without = [] }) {
    const { build } = await benchPackage<Vite>('vite')
    const { output } = await build({
      root,
      configFile: false,
      logLevel: 'error',
      resolve: { alias: aliases },
      build: {
        write: false,
        minify: true,
        target: 'es2022',
        modulePreload: { polyfill: false },
        rollupOptions: { input: entry, external: without, output: { codeSplitting: false } },
      },
    })
    return output.map(({ code }) => code ?? '').join('')
  },
}
