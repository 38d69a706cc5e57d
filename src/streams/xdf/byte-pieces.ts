import { join } from '../shared/mod.ts'

/** Bytes that come in pieces of any size, and are looked at in pieces of another. */
export class BytePieces {
  /** Of the first byte that is left, counted from the very first. */
  offset = 0
  #pieces: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  push(piece: Uint8Array): void {
    if (piece.length === 0) return
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  /** The first so many bytes, or all where there are fewer; a view where they came in one piece. */
  peek(count: number): Uint8Array {
    const first = this.#pieces[0]
    if (first === undefined || count <= first.length) return (first ?? new Uint8Array()).subarray(0, count)
    // All of them at once: a long run that is asked for again and again is put together once.
    const whole = join(Uint8Array, this.#pieces)
    this.#pieces = [whole]
    return whole.subarray(0, count)
  }

  skip(count: number): void {
    this.offset += count
    this.#length -= count
    let left = count
    while (left > 0) {
      const first = this.#pieces[0] as Uint8Array
      if (first.length > left) {
        this.#pieces[0] = first.subarray(left)
        return
      }
      left -= first.length
      this.#pieces.shift()
    }
  }
}
