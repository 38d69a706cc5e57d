/** A first-in, first-out queue. Its operations stay fast at any length. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = []
  #head = 0

  /** Number of items in the queue. */
  get length(): number {
    return this.#items.length - this.#head
  }

  /** The oldest item, which stays in the queue; undefined if the queue is empty. */
  get first(): Item | undefined {
    return this.#items[this.#head]
  }

  /** Appends an item. The queue has no limit of its own. */
  push(item: Item): void {
    this.#items.push(item)
  }

  /** Removes the oldest item and returns it; returns undefined if the queue is empty. */
  shift(): Item | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#items[this.#head++] = undefined
    // Compact when half of the array is free: then each item is copied once on average, at any length.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** Yields the items from the oldest to the newest and does not remove them. */
  *[Symbol.iterator](): Generator<Item> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as Item
  }
}
