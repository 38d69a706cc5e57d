/** The active elements of the page, each with its own type. */
export const elements: Elements = {
  join: find('join', HTMLFormElement),
  name: find('name', HTMLInputElement),
  room: find('room', HTMLInputElement),
  asks: find('asks', HTMLElement),
  tokenField: find('token-field', HTMLElement),
  token: find('token', HTMLInputElement),
  joinButton: find('join-button', HTMLButtonElement),
  membership: find('membership', HTMLElement),
  where: find('where', HTMLElement),
  link: find('link', HTMLInputElement),
  copy: find('copy', HTMLButtonElement),
  leave: find('leave', HTMLButtonElement),
  interrupt: find('interrupt', HTMLButtonElement),
  connection: find('connection', HTMLElement),
  connectionState: find('connection-state', HTMLElement),
  connectionWait: find('connection-wait', HTMLElement),
  error: find('error', HTMLElement),
  sharing: find('sharing', HTMLElement),
  source: find('source', HTMLSelectElement),
  file: find('file', HTMLInputElement),
  speed: find('speed', HTMLSelectElement),
  start: find('start', HTMLButtonElement),
  stop: find('stop', HTMLButtonElement),
  status: find('status', HTMLElement),
  recording: find('recording', HTMLElement),
  record: find('record', HTMLButtonElement),
  stopRecording: find('stop-recording', HTMLButtonElement),
  makeCsv: find('make-csv', HTMLButtonElement),
  csv: find('csv', HTMLElement),
  recorded: find('recorded', HTMLElement),
  download: find('download', HTMLAnchorElement),
  people: find('people', HTMLElement),
}

interface Elements
  extends Record<'join', HTMLFormElement>,
    Record<'name' | 'room' | 'token' | 'link' | 'file', HTMLInputElement>,
    Record<
      'joinButton' | 'copy' | 'leave' | 'interrupt' | 'start' | 'stop' | 'record' | 'stopRecording' | 'makeCsv',
      HTMLButtonElement
    >,
    Record<'download', HTMLAnchorElement>,
    Record<
      | 'asks'
      | 'tokenField'
      | 'membership'
      | 'where'
      | 'connection'
      | 'connectionState'
      | 'connectionWait'
      | 'error'
      | 'sharing'
      | 'status'
      | 'recorded'
      | 'csv'
      | 'recording'
      | 'people',
      HTMLElement
    >,
    Record<'source' | 'speed', HTMLSelectElement> {}

/** Shows an error above everything else. An empty message hides it. */
export function showError(message: string): void {
  elements.error.textContent = message
  elements.error.hidden = message === ''
}

/** Shows or hides several elements together. */
export function show(visible: boolean, ...parts: Element[]): void {
  for (const part of parts) (part as HTMLElement).hidden = !visible
}

function find<Part extends HTMLElement>(id: string, kind: new () => Part): Part {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`Cannot find the part of the page called ${id}`)
  return element
}
