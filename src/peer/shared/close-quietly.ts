/** Closes an object that another thread may have closed already. Some platforms throw then. */
export function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close()
  } catch {
    // It is already closed.
  }
}
