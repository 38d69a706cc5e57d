import type { Membership } from '../peer/mod.ts'
import { MAX_TEXT_LENGTH, now, parseRecording } from '../streams/mod.ts'
import { toName } from '../unicode/names.ts'
import type { Card } from './card.ts'
import { elements, show, showError } from './elements.ts'
import { type LocalSource, play, type Speed } from './sources/local-source.ts'
import { deviceId } from './sources/own-device.ts'
import { playRecording } from './sources/recording-source.ts'
import { synthesize } from './sources/synthetic.ts'

/** Key of the only track on the user's own card. */
const OWN = 'own'

/** Connects the controls that share a source with the room, until the signal aborts. */
export function offerSharing(room: Membership, card: Card, signal: AbortSignal): void {
  let playing: AbortController | undefined
  const chooseSource = () => show(elements.source.value === 'recording', ...recordingParts())

  async function start(): Promise<void> {
    showError('')
    const stopping = new AbortController()
    playing = stopping
    showPlaying(true)
    try {
      const source = await chosenSource()
      const speed = source.length === Number.POSITIVE_INFINITY ? 'real-time' : (elements.speed.value as Speed)
      const rows = await share(room, card, source, speed, AbortSignal.any([signal, stopping.signal]))
      const done = `${source.name}: ${rows.toLocaleString('en')} samples of each channel sent`
      elements.status.textContent = signal.aborted ? '' : done
    } catch (error) {
      elements.status.textContent = ''
      showError((error as Error).message)
    }
    showPlaying(false)
  }

  elements.source.addEventListener('change', chooseSource, { signal })
  elements.start.addEventListener('click', () => void start(), { signal })
  elements.stop.addEventListener('click', () => playing?.abort(), { signal })
  chooseSource()
  showPlaying(false)
}

/** Publishes a source and plays it to its end, to the room and on the user's own card. */
async function share(room: Membership, card: Card, source: LocalSource, speed: Speed, signal: AbortSignal) {
  const { type, nominalRate } = source
  // The name of a file can have characters that the name of a stream must not have.
  const name = toName(source.name, MAX_TEXT_LENGTH)
  const channels = source.labels.map((label, index) => ({ label, unit: source.units[index] ?? '', type }))
  const sourceId = deviceId(name)
  const publication = room.publish({ name, type, nominalRate, timeUnit: 'ms', format: 'float64', channels, sourceId })
  publication.addEventListener('error', ({ detail }) => showError(detail.message))
  elements.status.textContent = `Sharing ${name}`
  card.addTrack(OWN, { nominalRate, channels })
  card.setState('sharing')
  try {
    return await play(
      source,
      speed,
      (rows, first) => {
        publication.push(rows.data, rows.timestamps)
        card.add(OWN, { ...rows, first }, 0)
      },
      signal,
    )
  } finally {
    publication.stop()
    card.removeTrack(OWN)
    card.setState('not sharing')
  }
}

async function chosenSource(): Promise<LocalSource> {
  if (elements.source.value === 'synthetic') return synthesize(now() * 1000)
  const file = elements.file.files?.[0]
  if (file === undefined) throw new Error('Choose a recording first')
  try {
    return playRecording(parseRecording(new Uint8Array(await file.arrayBuffer())), file.name)
  } catch (cause) {
    throw new Error(`Cannot play ${file.name}: ${(cause as Error).message}`, { cause })
  }
}

function showPlaying(playing: boolean): void {
  show(!playing, elements.start)
  show(playing, elements.stop)
  for (const control of [elements.source, elements.file, elements.speed]) control.disabled = playing
}

const recordingParts = (): Element[] => [...document.querySelectorAll('.recording')]
