import process from 'node:process'
import { app, close } from './app.ts'

/** The part of Deno that this file uses. `tsc` does not know Deno's types. */
declare const Deno: {
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    handler: typeof app.fetch,
  ): { shutdown(): Promise<void> }
}

const server = Deno.serve(
  { port: 0, hostname: '127.0.0.1', onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}/`) },
  app.fetch,
)
process.once('SIGTERM', async () => {
  close()
  await server.shutdown()
})
