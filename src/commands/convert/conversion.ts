/** What to convert, and how. */
export interface Conversion {
  from: string
  to: string
  /** Overwrites existing files. */
  force: boolean
  /** Keeps timestamps on each source's own clock, and text that a spreadsheet would run as a formula. */
  raw: boolean
}
