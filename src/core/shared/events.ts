/** An event of a user or a room, for logs. It contains only ids and codes, never the content of messages. */
export interface ServiceEvent {
  name:
    | 'user added'
    | 'connection lost'
    | 'session resumed'
    | 'user removed'
    | 'room made'
    | 'room entered'
    | 'room left'
    | 'room deleted'
    | 'refused'
  user?: number
  room?: number
  /** The code and the reason of the error in a `refused` event. */
  code?: string
  reason?: string
}

export type OnEvent = (event: ServiceEvent) => void

export const ignoreEvent: OnEvent = () => {}
