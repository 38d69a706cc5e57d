import type { Info } from '../../protocol/mod.ts'

export interface JoinOptions {
  /** Makes the room where it is missing. @default false */
  create?: boolean
  /** Of a room that is made: most people in it. */
  max?: number
  /** Of a room that is made: who may enter, by `auth`. */
  users?: string[]
  /**
   * Seconds of what others have published already, of reliable streams and as far as their publishers keep it: a minute
   * if they chose nothing else.
   *
   * @default 0
   */
  history?: number
  /** About oneself, for those inside; added to what was said before. */
  info?: Info
}
