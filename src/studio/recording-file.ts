import { elements } from './elements.ts'

/** Most bytes of a recording in memory. Some browsers cannot write to a file while the recording runs. */
const MAX_BYTES = 268_435_456

/** The destination of a recording. */
export interface RecordingFile {
  destination: WritableStream<Uint8Array>
  /** Offers a complete recording for download, unless it is already in a file. */
  offer(): Promise<void>
  /**
   * Returns the recording.
   *
   * @throws Error if the file has more than 256 MiB
   */
  read(): Promise<Uint8Array>
}

interface SavePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>
}

/**
 * Returns a file that the user picks. Without a file picker, the recording stays in memory, up to 256 MiB.
 *
 * @returns undefined if the user picks no file
 */
export async function recordingFile(name: string): Promise<RecordingFile | undefined> {
  const picker = window as SavePicker
  if (picker.showSaveFilePicker === undefined) return inMemory(name)
  try {
    const handle = await picker.showSaveFilePicker({ suggestedName: name })
    const destination = await handle.createWritable()
    const read = async () => {
      const file = await handle.getFile()
      if (file.size > MAX_BYTES) throw new Error('Cannot make CSV here of more than 256 MiB: use mod.ts convert')
      return new Uint8Array(await file.arrayBuffer())
    }
    return { destination, offer: async () => undefined, read }
  } catch (error) {
    if ((error as Error).name === 'AbortError') return undefined
    throw error
  }
}

function inMemory(name: string): RecordingFile {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  const destination = new WritableStream<Uint8Array>({
    write(bytes) {
      if (size + bytes.length > MAX_BYTES) {
        offer()
        throw new Error('it is as long as this browser can keep, 256 MiB; what there is is offered for download')
      }
      size += bytes.length
      pieces.push(bytes.slice())
    },
  })
  const offer = () => {
    const { download } = elements
    URL.revokeObjectURL(download.href)
    download.href = URL.createObjectURL(new Blob(pieces, { type: 'application/octet-stream' }))
    download.download = name
    download.hidden = false
    download.click()
  }
  const read = async () => new Uint8Array(await new Blob(pieces).arrayBuffer())
  return { destination, offer: async () => offer(), read }
}
