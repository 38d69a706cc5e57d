import type { ChannelInit, DescriptionInit, Format } from '../description/mod.ts'
import { type Tick, together } from './tick.ts'

/** A track of a device, and its ticks so far. */
export interface Candidate {
  track: object
  description: DescriptionInit
  /** Format of its first value. */
  format: Format | undefined
  ticks: Tick[]
}

/**
 * Groups the tracks of one device that ticked together, in the order they were added. A track without ticks is in no
 * group.
 */
export function groupsIn(candidates: Iterable<Candidate>): Candidate[][] {
  const groups: Candidate[][] = []
  for (const candidate of candidates) {
    if (candidate.ticks.length === 0) continue
    const group = groups.find(([first]) => agree(first as Candidate, candidate))
    if (group === undefined) groups.push([candidate])
    else group.push(candidate)
  }
  return groups
}

/**
 * Returns the description of a stream with a channel for each track. The first track describes the stream. A channel
 * keeps the fields of its track that differ from the stream's.
 */
export function describeGroup(group: readonly Candidate[]): DescriptionInit {
  const [first] = group as [Candidate]
  if (group.length === 1) return first.description
  const { contentHint: _, ...description } = first.description
  const channels = group.map(({ description: { name, kind, contentHint, channels } }): ChannelInit => {
    const channel = channels?.[0] ?? { label: name ?? '', unit: '', type: '' }
    return {
      ...channel,
      ...(name === description.name ? {} : { name }),
      ...(kind === description.kind ? {} : { kind }),
      ...(contentHint === channel.label ? {} : { contentHint }),
    }
  })
  return { ...description, channels }
}

/** Whether two tracks tick together. One may have begun later than the other, and one may be a tick ahead. */
function agree(one: Candidate, other: Candidate): boolean {
  if (one.format !== other.format) return false
  return follows(one.ticks, other.ticks) || follows(other.ticks, one.ticks)
}

function follows(longer: readonly Tick[], shorter: readonly Tick[]): boolean {
  const skipped = longer.findIndex((tick) => together(tick, shorter[0] as Tick))
  if (skipped < 0 || Math.abs(longer.length - skipped - shorter.length) > 1) return false
  return shorter.every((tick, i) => {
    const same = longer[i + skipped]
    return same === undefined || together(same, tick)
  })
}
