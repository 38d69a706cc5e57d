/** Most letters of a label beside a chart. */
const FITS = 8

/**
 * Shortens labels to fit beside a chart, and keeps them different. `EXG Channel 0` to `EXG Channel 7` become `0` to
 * `7`.
 */
export function shortNames(labels: string[]): string[] {
  if (labels.every((label) => label.length <= FITS)) return labels
  const common = labels.length > 1 ? commonWords(labels) : 0
  return labels.map((label) => shorten(label.slice(common)))
}

/** Returns the length of the words that all labels start with. It never includes the last word of a label. */
function commonWords([first = '', ...others]: string[]): number {
  let common = 0
  for (let end = first.indexOf(' ') + 1; end > 0; end = first.indexOf(' ', end) + 1) {
    if (others.every((label) => label.length > end && label.startsWith(first.slice(0, end)))) common = end
  }
  return common
}

/** Keeps more letters of the end: labels differ there more often than elsewhere. */
const shorten = (label: string): string => (label.length > FITS ? `${label.slice(0, 3)}…${label.slice(-4)}` : label)
