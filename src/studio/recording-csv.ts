import { alignStamps, csvHeader, csvRows, parseXdf } from '../streams/mod.ts'
import { fileName } from '../unicode/file-names.ts'

/** Returns one CSV link for each stream of an XDF file. Its times are those of the recorder's clock. */
export function csvLinks(bytes: Uint8Array, stem: string): HTMLAnchorElement[] {
  return [...parseXdf(bytes).streams].map(([number, stream]) => {
    const { description } = stream
    const text = csvHeader(description) + csvRows({ ...stream, timestamps: alignStamps(stream) }, description)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
    link.download = fileName(`${stem}-${number}-${description.name}`, '.csv')
    link.textContent = `CSV of ${description.name}`
    return link
  })
}
