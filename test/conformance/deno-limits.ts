import { conformLimits } from './fixture/limits/conform-limits.ts'

conformLimits('deno')
