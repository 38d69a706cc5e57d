import { type Check, checked } from '../../guards/mod.ts'
import { PeerError } from '../shared/mod.ts'

/** Validates the body of a message from the server. @throws PeerError `bad-server` */
export const readBody = <Output>(check: Check<Output>, body: unknown): Output =>
  checked(check, body, (problem) => new PeerError('bad-server', `Cannot read the server's message: ${problem}`))
