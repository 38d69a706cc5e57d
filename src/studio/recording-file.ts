import { elements } from './elements.ts'

/** Most bytes of a recording that is kept in memory, where the browser cannot write to a file as it comes. */
const MAX_BYTES = 268_435_456

/** Where a recording goes. */
export interface RecordingFile {
  destination: WritableStream<Uint8Array>
  /** Once all is written: offers it for download where it is not in a file already. */
  offer(): Promise<void>
  /** What was written, up to 256 MiB of it. */
  read(): Promise<Uint8Array>
}

interface SavePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>
}

/** A file that the user picks, else memory up to 256 MiB; undefined where the user picks none. */
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
