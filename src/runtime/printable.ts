// What comes from a file, an argument or a server is shown, never obeyed. A terminal takes some characters as orders
// (ESC and the other control characters), some turn the text around (Unicode's bidirectional controls); they are
// written as \u001b. In JSON that is the same string, so whatever the command line prints may pass through here.

/** All but the tab and the end of a line, which our own texts have. */
const STEERING = /(?![\n\t]|\r\n)[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Text as a terminal may have it. Apply twice = apply once. */
export const printable = (text: string): string => text.replace(STEERING, escaped)

/** The same, and on one line: a name must not be able to forge the next line of a list. */
export const printableLine = (text: string): string =>
  printable(text).replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\t', '\\t')

const MOST_SHOWN = 60

/** A value of JSON or YAML as a message shows it: short, and by its kind where it is made of several. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (value === undefined) return 'nothing'
  if (value === Number.POSITIVE_INFINITY) return 'a number too large to be one (above 1.8e308)'
  if (typeof value !== 'string') return Object.is(value, -0) ? '-0' : String(value)
  const text = value.length <= MOST_SHOWN ? value : value.slice(0, MOST_SHOWN)
  return printable(JSON.stringify(text)) + (text === value ? '' : '…')
}
