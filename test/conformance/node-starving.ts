import { conformStarving } from './fixture/conform-starving.ts'

conformStarving('node')
