/** Returns a number with its noun, such as `1 stream` or `2 streams`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
