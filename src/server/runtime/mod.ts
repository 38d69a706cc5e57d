import type { Runtime } from './port.ts'

/** The current runtime. Only this file detects it; all other code receives a `Runtime`. */
export const runtime: Runtime = await load()

async function load(): Promise<Runtime> {
  if ('Bun' in globalThis) return (await import('./bun.ts')).bun
  if ('Deno' in globalThis) return (await import('./deno.ts')).deno
  return (await import('./node.ts')).node
}
