import { type FileHandle, open, readFile, stat } from 'node:fs/promises'

/** Bytes that are read at once. */
const PIECE = 262_144

/** A file that its user named and that could not be used; the message is for its user. */
export class FileError extends Error {
  override readonly name = 'FileError'
}

/** The files that a command line names, which all three runtimes have under Node's names. */
export const userFiles = {
  /**
   * A file's bytes, a piece at a time.
   *
   * @throws FileError
   */
  async *read(path: string): AsyncGenerator<Uint8Array, void> {
    const file = await told('read', path, () => open(path, 'r'))
    try {
      for (;;) {
        const piece = new Uint8Array(PIECE)
        const { bytesRead } = await told('read', path, () => file.read(piece, 0, PIECE, null))
        if (bytesRead === 0) return
        yield piece.subarray(0, bytesRead)
      }
    } finally {
      await file.close()
    }
  },

  /**
   * A file's text, which is UTF-8.
   *
   * @throws FileError
   */
  text: (path: string): Promise<string> => told('read', path, () => readFile(path, 'utf8')),

  /** Bytes. @throws FileError */
  async size(path: string): Promise<number> {
    return (await told('read', path, () => stat(path))).size
  },

  /** Whether both are one file. */
  async same(path: string, other: string): Promise<boolean> {
    const [one, two] = await Promise.all([path, other].map(identify))
    return one !== undefined && one === two
  },

  /**
   * Refuses what is there already, before any work is done for what `create` would refuse.
   *
   * @throws FileError
   */
  async mustBeNew(path: string): Promise<void> {
    if ((await identify(path)) !== undefined) throw fault('write', path, { code: 'EEXIST' })
  },

  /**
   * A new file to write to. Where a write fails, it ends with the last that was whole.
   *
   * @param force writes over a file that is there
   * @throws FileError
   */
  async create(path: string, force: boolean): Promise<WritableStream<Uint8Array>> {
    const file = await told('write', path, () => open(path, force ? 'w' : 'wx'))
    let length = 0
    return new WritableStream<Uint8Array>({
      async write(bytes) {
        try {
          await writeAll(file, bytes)
          length += bytes.length
        } catch (cause) {
          // Half of a chunk would make a recording look damaged. What is no file on a disk cannot be cut, and need not.
          await file.truncate(length).catch(() => {})
          await file.close()
          throw fault('write', path, cause)
        }
      },
      close: () => file.close(),
      abort: () => file.close(),
    })
  },
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at)
    at += bytesWritten
  }
}

/** What tells a file from every other; undefined where there is none. */
async function identify(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev} ${ino}`
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return undefined
    throw fault('read', path, cause)
  }
}

async function told<Result>(verb: string, path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action()
  } catch (cause) {
    throw fault(verb, path, cause)
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EEXIST: 'it is there already: choose another name, or add --force',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is no folder',
  EPERM: 'this user may not',
}

function fault(verb: string, path: string, cause: unknown): FileError {
  const { name, code, message } = cause as { name?: string; code?: string; message?: string }
  const reason =
    // Deno's own word for what its user did not allow.
    name === 'NotCapable'
      ? 'Deno was not allowed to: start it with deno run -P=files mod.ts, or with -P=peer to enter a room'
      : (reasons[code ?? ''] ?? message)
  return new FileError(`Cannot ${verb} ${path} as ${reason}`, { cause })
}
