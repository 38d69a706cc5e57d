import { SignJWT } from 'jose'

/** The secret of the closed servers that the benches start. */
export const JWT_SECRET = 'a secret of thirty-two bytes or more, for benches'

/** Creates a token for a user. */
export const tokenOf = (sub: string, secret: string = JWT_SECRET): Promise<string> =>
  new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
