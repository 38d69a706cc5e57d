/** An event of a user or a room, for logs. It contains only ids and codes, never the content of messages. */
export interface ServiceEvent {
  /** What happened. `connection lost` is the loss of a connection whose user can still resume. */
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
  /** The id of the user. Absent if the event is about a room only. */
  user?: number
  /** The uuid of the room. Absent if the event is about a user only. */
  room?: number
  /** Of a `refused` event: the code of the error. */
  code?: string
  /** Of a `refused` event: the reason of the error, which equals the code if there is no finer one. */
  reason?: string
}

/** Receives each event as it happens. It runs inside the service, so it must be quick and must not throw. */
export type OnEvent = (event: ServiceEvent) => void

export const ignoreEvent: OnEvent = () => {}
