import * as v from 'valibot'
import { reasonOf } from '../../unicode/issues.ts'
import { PeerError } from '../shared/mod.ts'

/** Validates the body of a message from the server. @throws PeerError `bad-server` */
export function readBody<Output>(schema: v.GenericSchema<unknown, Output>, body: unknown): Output {
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new PeerError(
    'bad-server',
    `Cannot read the server's message: ${v.getDotPath(issue) ?? 'it'} is not valid: ${reasonOf(issue)}`,
  )
}
