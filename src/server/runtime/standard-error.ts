import { write } from 'node:fs'

/** File descriptor of standard error (POSIX). */
const STANDARD_ERROR = 2

export const writeError = (bytes: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    write(STANDARD_ERROR, bytes, (cause, written) => {
      if (cause === null) resolve(written)
      else reject(cause)
    })
  })
