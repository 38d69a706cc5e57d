type Options = boolean | AddEventListenerOptions

/** An EventTarget whose events are known by name and type. */
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

/** The platform's EventTarget under that type, of which TypeScript cannot know that each name has its own event. */
export const TypedEventTarget: new <Events>() => TypedTarget<Events> = EventTarget as never

/** Tells listeners, with what it is about as `detail`. */
export function emit<Detail>(target: { dispatchEvent(event: Event): boolean }, type: string, detail: Detail): void {
  target.dispatchEvent(new CustomEvent(type, { detail }))
}
