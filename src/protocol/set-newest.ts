/**
 * Sets a value as the newest of a map. If the map then has more than `most` values, the oldest is dropped.
 *
 * A map keeps the order of insertion, so its first key is the oldest.
 */
export function setNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > most) map.delete(oldest as Key)
}
