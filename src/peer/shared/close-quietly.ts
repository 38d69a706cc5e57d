/** Closes what may have been closed meanwhile on another thread, where WebRTC throws or not, depending on the platform. */
export function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close()
  } catch {
    // It is closed, as was to be.
  }
}
