import type { Runtime } from './port.ts'

/** The runtime at hand. The one place that asks which it is; everything else is given a `Runtime`. */
export const runtime: Runtime = await load()

async function load(): Promise<Runtime> {
  if ('Bun' in globalThis) return (await import('./bun.ts')).bun
  if ('Deno' in globalThis) return (await import('./deno.ts')).deno
  return (await import('./node.ts')).node
}
