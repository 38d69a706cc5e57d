/** An EventTarget (WHATWG DOM) with typed events. */
export interface TypedTarget<Events> {
  /** Adds a listener, as EventTarget does. The type of the event follows from its name. */
  addEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Events[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void
  /** Adds a listener of any event. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void
  /** Removes a listener, as EventTarget does. */
  removeEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Events[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void
  /** Removes a listener of any event. */
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void
  /** Calls the listeners of this event. Events of the companion come from the companion itself. */
  dispatchEvent(event: Event): boolean
}

/** The platform's EventTarget, cast because TypeScript cannot infer the event type of each name. */
export const TypedEventTarget: new <Events>() => TypedTarget<Events> = EventTarget as never

/** Emits a CustomEvent with this `detail`. */
export function emit<Detail>(target: { dispatchEvent(event: Event): boolean }, type: string, detail: Detail): void {
  target.dispatchEvent(new CustomEvent(type, { detail }))
}
