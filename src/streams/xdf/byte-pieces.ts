import { join } from '../shared/mod.ts'

/** A queue of bytes. They arrive in pieces of any size, and can be read in pieces of another size. */
export class BytePieces {
  /** Position of the first remaining byte, counted from the first byte of all. */
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

  /**
   * Returns the first `count` bytes, or all bytes if there are fewer. The result is a view if they arrived in one
   * piece.
   */
  peek(count: number): Uint8Array {
    const first = this.#pieces[0]
    if (first === undefined || count <= first.length) return (first ?? new Uint8Array()).subarray(0, count)
    // Join all pieces. If a caller peeks at a long run repeatedly, its bytes are then joined only once.
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
