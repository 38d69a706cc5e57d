import type { Membership, RoomRecording } from '../peer/mod.ts'
import { fileName } from '../unicode/file-names.ts'
import { elements, show, showError } from './elements.ts'
import { csvLinks } from './recording-csv.ts'
import { type RecordingFile, recordingFile } from './recording-file.ts'

/** How often the page updates the line about the recording, in ms. */
const COUNT_EVERY = 500

/** Connects the buttons that record the room, until the signal aborts. The page then saves what it has recorded. */
export function offerRecording(room: Membership, signal: AbortSignal): void {
  const { record, stopRecording, recorded, makeCsv, csv } = elements
  let last: RecordingFile | undefined

  async function start(): Promise<void> {
    record.disabled = true
    try {
      const file = await recordingFile(fileName(room.name, '.xdf'))
      if (file === undefined) return
      const recording = room.record(file.destination)
      await untilStopped(recording)
      await file.offer()
      last = file
      forgetCsv()
      show(true, makeCsv)
      recorded.textContent = `Recorded ${lineOf(recording)}`
    } catch (error) {
      showError((error as Error).message)
    } finally {
      record.disabled = false
      show(true, record)
      if (document.activeElement === stopRecording) record.focus()
      show(false, stopRecording)
    }
  }

  function forgetCsv(): void {
    for (const link of csv.querySelectorAll('a')) URL.revokeObjectURL(link.href)
    csv.replaceChildren()
  }

  async function offerCsv(): Promise<void> {
    if (last === undefined) return
    forgetCsv()
    try {
      csv.append(...csvLinks(await last.read(), room.name))
    } catch (error) {
      showError((error as Error).message)
    }
  }

  async function untilStopped(recording: RoomRecording): Promise<void> {
    const tell = () => {
      recorded.textContent = `Recording ${lineOf(recording)}`
    }
    const stop = () => void recording.stop().catch(() => {})
    stopRecording.addEventListener('click', stop)
    recording.addEventListener('error', ({ detail }) => showError(detail.message))
    show(false, record)
    show(true, stopRecording)
    stopRecording.focus()
    const timer = setInterval(tell, COUNT_EVERY)
    tell()
    try {
      // The recording also stops when the room closes.
      await recording.closed
    } finally {
      clearInterval(timer)
      stopRecording.removeEventListener('click', stop)
    }
  }

  record.addEventListener('click', () => void start(), { signal })
  makeCsv.addEventListener('click', () => void offerCsv(), { signal })
  forgetCsv()
  show(false, makeCsv)
  recorded.textContent =
    'showSaveFilePicker' in window ? '' : 'Up to 256 MiB, which this browser keeps in memory until then'
}

function lineOf(recording: RoomRecording): string {
  const { streams, samples, missed, seconds } = recording.stats()
  const count = (value: number) => value.toLocaleString('en')
  const counted = `${count(streams)} ${streams === 1 ? 'stream' : 'streams'}, ${count(samples)} samples`
  return `${counted}, ${count(missed)} missed, ${Math.floor(seconds)} s`
}
