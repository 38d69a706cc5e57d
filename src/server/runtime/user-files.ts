import { type FileHandle, open, readFile, stat } from 'node:fs/promises'
import { asStarted } from './program.ts'

/** Bytes of one read. */
const PIECE = 262_144

/** The program cannot use a file that its user named. The message is for the user. */
export class FileError extends Error {
  override readonly name = 'FileError'
}

/** Reads and writes the files that a command line names. All three runtimes have these functions under Node's names. */
export const userFiles = {
  /**
   * Reads a file's bytes, one piece at a time.
   *
   * @throws FileError if the program cannot read the file
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
   * Reads a file's text, in UTF-8.
   *
   * @throws FileError if the program cannot read the file
   */
  text: (path: string): Promise<string> => told('read', path, () => readFile(path, 'utf8')),

  /** Returns a file's size in bytes. @throws FileError if the program cannot read the file */
  async size(path: string): Promise<number> {
    return (await told('read', path, () => stat(path))).size
  },

  /** Whether both paths lead to the same file. */
  async same(path: string, other: string): Promise<boolean> {
    const [one, two] = await Promise.all([path, other].map(identify))
    return one !== undefined && one === two
  },

  /**
   * Checks that a file does not exist, so that the program does no work before `create` throws.
   *
   * @throws FileError if the file exists
   */
  async mustBeNew(path: string): Promise<void> {
    if ((await identify(path)) !== undefined) throw fault('write', path, { code: 'EEXIST' })
  },

  /**
   * Creates a file to write to. If a write fails, the file ends with the last complete write.
   *
   * @param force overwrites an existing file
   * @throws FileError if the file exists, or the program cannot create it
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
          // Half of a chunk would make a recording look damaged. Truncating fails for a file that is not on a disk,
          // but such a file does not need it.
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

/** Returns the device and inode, which identify a file; undefined if there is no file. */
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
    // Deno's name for a missing permission.
    name === 'NotCapable'
      ? asStarted('Deno was not allowed to: start it with deno run -P=files mod.ts, or with -P=peer to enter a room')
      : (reasons[code ?? ''] ?? message)
  return new FileError(`Cannot ${verb} ${path}: ${reason}`, { cause })
}
