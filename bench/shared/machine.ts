import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { root, runtimes } from './processes.ts'

/** The machine on which a report was made. */
export interface Machine {
  processor: string
  processors: number
  /** Memory in GiB. */
  memory: number
  system: string
}

export function describeMachine(): Machine {
  const found = cpus()
  return {
    processor: found[0]?.model.trim() || arch(),
    processors: found.length,
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
  }
}

/** Versions of the runtimes. */
export function runtimeVersions(): Record<string, string> {
  const ask = (runtime: keyof typeof runtimes): string =>
    /\d+\.\d+\.\d+/.exec(execFileSync(runtimes[runtime], ['--version'], { encoding: 'utf8' }))?.[0] ?? 'unknown'
  return { bun: ask('bun'), deno: ask('deno'), node: ask('node') }
}

/** Versions of installed packages, of the project or of the benches. Throws if one is not installed. */
export function packageVersions(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, packageVersion(name)]))
}

function packageVersion(name: string): string {
  for (const folder of ['node_modules', 'bench/packages/node_modules']) {
    try {
      return (JSON.parse(readFileSync(`${root}${folder}/${name}/package.json`, 'utf8')) as { version: string }).version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error(`Cannot tell the version of ${name} as it is not installed: npm ci --prefix bench/packages`)
}
