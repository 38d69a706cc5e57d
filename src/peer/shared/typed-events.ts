type Options = boolean | AddEventListenerOptions

/** An EventTarget with typed events. */
export interface TypedTarget<Events> {
  addEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Events[Name]) => void,
    options?: Options,
  ): void
  addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: Options): void
  removeEventListener<Name extends keyof Events & string>(
    type: Name,
    listener: (event: Events[Name]) => void,
    options?: boolean | EventListenerOptions,
  ): void
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void
  dispatchEvent(event: Event): boolean
}

/** The platform's EventTarget, cast because TypeScript cannot infer the event type of each name. */
export const TypedEventTarget: new <Events>() => TypedTarget<Events> = EventTarget as never

/** Emits a CustomEvent with this `detail`. */
export function emit<Detail>(target: { dispatchEvent(event: Event): boolean }, type: string, detail: Detail): void {
  target.dispatchEvent(new CustomEvent(type, { detail }))
}
