/** Longest line, in UTF-16 code units: 4,096 channels of 256 digits. */
const MAX_LINE = 1_048_576

/** Yields the lines of a text as it arrives, without line ends. Yields undefined for a line that is too long. */
export async function* linesIn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined, void> {
  const text = new TextDecoder('utf-8')
  let rest = ''
  let tooLong = false
  for await (const piece of pieces) {
    const lines = (rest + text.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() as string
    for (const line of lines) {
      yield tooLong || line.length > MAX_LINE ? undefined : line.replace(/\r$/, '')
      tooLong = false
    }
    if (rest.length <= MAX_LINE) continue
    rest = ''
    tooLong = true
  }
  if (tooLong) yield undefined
  else if (rest !== '') yield rest.replace(/\r$/, '')
}
