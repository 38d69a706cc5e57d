import { benchPackage } from '../shared/packages.ts'
import { root } from '../shared/processes.ts'

/** A bundle as a browser gets it: one module, minified. */
export interface Bundle {
  code: string
  /** Bytes of it by the file that they come from, where the bundler tells. */
  inputs?: Record<string, number>
}

export type Bundler = (entry: string, aliases: Readonly<Record<string, string>>) => Promise<Bundle>

/** What is used of esbuild. */
interface Esbuild {
  build(options: object): Promise<{
    outputFiles: { text: string }[]
    metafile: { outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> }
  }>
}

/** What is used of Vite. */
interface Vite {
  build(options: object): Promise<{ output: { type: string; code?: string }[] }>
}

export const bundlers: Readonly<Record<'esbuild' | 'vite', Bundler>> = {
  async esbuild(entry, aliases) {
    const { build } = await benchPackage<Esbuild>('esbuild')
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      alias: aliases,
      bundle: true,
      minify: true,
      metafile: true,
      write: false,
      outdir: 'out',
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      legalComments: 'none',
      logLevel: 'error',
    })
    const [output] = Object.values(metafile.outputs)
    const inputs = Object.entries(output?.inputs ?? {}).map(([file, { bytesInOutput }]) => [file, bytesInOutput])
    return { code: outputFiles.map(({ text }) => text).join(''), inputs: Object.fromEntries(inputs) }
  },
  async vite(entry, aliases) {
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
        rollupOptions: { input: entry, output: { codeSplitting: false } },
      },
    })
    return { code: output.map(({ code }) => code ?? '').join('') }
  },
}
