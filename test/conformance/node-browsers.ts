import { prove } from './fixture/proof.ts'

await prove('node')
