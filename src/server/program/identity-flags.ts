import type { IceServer } from '../../core/mod.ts'
import type { ServeOptions } from '../serve.ts'
import { UsageError } from '../shared/usage-error.ts'
import { type Environment, type FlagGroup, readSeconds, textOf, textsOf, type Values } from './flags.ts'

/** Options for tokens and ICE servers. */
export const identityFlags: FlagGroup = {
  flags: {
    'jwt-secret': {
      type: 'string',
      value: 'TEXT',
      help: 'requires tokens (JWT) signed with this secret (HS256); prefer JWT_SECRET in the environment, which other users of the machine cannot see',
    },
    jwks: {
      type: 'string',
      value: 'URL|FILE',
      help: 'requires tokens signed with one of these keys (RS256, ES256, EdDSA); keys are reloaded every ten minutes, and when a token names an unknown key',
    },
    'jwt-audience': { type: 'string', value: 'TEXT', help: 'tokens must have this aud' },
    'jwt-issuer': { type: 'string', value: 'TEXT', help: 'tokens must have this iss' },
    'turn-url': {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'a TURN server, such as turn:turn.example.org:3478; repeatable',
    },
    'turn-secret': {
      type: 'string',
      value: 'TEXT',
      help: "secret for TURN credentials: coturn's static-auth-secret (or TURN_SECRET in the environment)",
    },
    'turn-ttl': { type: 'string', value: 'SECONDS', help: 'lifetime of TURN credentials (default 3600)' },
    'stun-url': {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'a STUN server, such as stun:stun.example.org:3478; repeatable',
    },
    'ice-servers': {
      type: 'string',
      value: 'FILE',
      help: 'more ICE servers: a JSON array of {urls, username?, credential?}',
    },
  },
  read(values, environment) {
    const options: ServeOptions = {}
    const tokens = readTokens(values, environment)
    if (tokens !== undefined) options.tokens = tokens
    const turn = readTurn(values, environment)
    if (turn !== undefined) options.turn = turn
    const stun: IceServer[] = textsOf(values, 'stun-url').map((url) => ({
      urls: readIceUrl(url, '--stun-url', 'stun'),
    }))
    if (stun.length > 0) options.iceServers = stun
    const file = textOf(values, 'ice-servers')
    if (file !== undefined) options.iceServersFile = file
    return options
  },
}

function readTokens(values: Values, environment: Environment): ServeOptions['tokens'] {
  const jwks = textOf(values, 'jwks')
  const secret = textOf(values, 'jwt-secret') ?? (jwks === undefined ? environment('JWT_SECRET') : undefined)
  const [audience, issuer] = ['jwt-audience', 'jwt-issuer'].map((name) => textOf(values, name))
  if (secret !== undefined && jwks !== undefined) {
    throw new UsageError('Cannot check tokens: use either --jwt-secret or --jwks')
  }
  if (secret === '' || jwks === '' || audience === '' || issuer === '') {
    throw new UsageError('Cannot check tokens: JWT_SECRET and the options for tokens must not be empty')
  }
  if (jwks !== undefined && /^http:\/\/(?!(localhost|127\.[\d.]+|\[::1\])[:/])/i.test(jwks)) {
    throw new UsageError(
      `Cannot trust keys from ${jwks}: --jwks must be https, or anybody on the network could replace them`,
    )
  }
  if (secret === undefined && jwks === undefined) {
    if (audience === undefined && issuer === undefined) return undefined
    throw new UsageError('Cannot check the audience or issuer of tokens without --jwt-secret or --jwks')
  }
  return { secret, jwks, audience, issuer }
}

function readTurn(values: Values, environment: Environment): ServeOptions['turn'] {
  const urls = textsOf(values, 'turn-url').map((url) => readIceUrl(url, '--turn-url', 'turn'))
  const given = textOf(values, 'turn-secret')
  const ttl = textOf(values, 'turn-ttl')
  if (urls.length === 0) {
    if (given === undefined && ttl === undefined) return undefined
    throw new UsageError('--turn-secret and --turn-ttl need --turn-url')
  }
  const secret = given ?? environment('TURN_SECRET')
  if (!secret) throw new UsageError('--turn-url needs --turn-secret, or TURN_SECRET in the environment')
  if (ttl === undefined) return { urls, secret }
  const time = readSeconds(ttl, '--turn-ttl')
  if (time < 1_000) throw new UsageError(`--turn-ttl must be at least 1 second: it is ${ttl}`)
  return { urls, secret, ttl: time }
}

/** Reads a STUN or TURN URI (RFC 7064, RFC 7065). The check only detects a value in the wrong option. */
function readIceUrl(text: string, flag: string, scheme: 'stun' | 'turn'): string {
  if (new RegExp(`^${scheme}s?:[^/?#\\s]+(\\?transport=(udp|tcp))?$`).test(text)) return text
  throw new UsageError(`${flag} must be like ${scheme}:${scheme}.example.org:3478: it is ${text}`)
}
