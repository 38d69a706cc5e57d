/**
 * Text that a spreadsheet runs as a formula when it opens a CSV file (OWASP, CSV injection), maybe after apostrophes. A
 * peer chooses such text, and a formula can send what other cells contain.
 */
const FORMULA = /^'*[=+\-@\t\r＝＋－＠]/

/** Numbers may begin with a sign. A spreadsheet reads them as numbers. */
const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i

/** Writes an apostrophe before a formula, so that a spreadsheet shows it as text. */
export const protect = (text: string): string => (FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text)

/** Removes the apostrophe that `protect` has written. */
export const unprotect = (text: string): string => (text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text)
