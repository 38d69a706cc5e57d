import { conform } from './fixture/conform.ts'

await conform('deno')
