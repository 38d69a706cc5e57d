/** What happens to users and rooms, for logs. It holds ids alone: nothing that anybody said. */
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
  /** Of a refusal. */
  code?: string
  reason?: string
}

export type OnEvent = (event: ServiceEvent) => void

export const ignoreEvent: OnEvent = () => {}
