// Units. Every rate in Mizani is bit/s at layer 2, every burst is bytes, every duration is milliseconds, unless a name
// says otherwise. The types are flavours: a plain number may become a BitsPerSecond, but a Bytes may not.

export type BitsPerSecond = number & { readonly __unit?: 'bit/s' }
export type KilobitsPerSecond = number & { readonly __unit?: 'kbit/s' }
export type Bytes = number & { readonly __unit?: 'byte' }
export type Milliseconds = number & { readonly __unit?: 'ms' }
/** Milliseconds since the Unix epoch, UTC. */
export type UnixMilliseconds = number & { readonly __unit?: 'unix ms' }

// Borders. Every number is converted, the odd ones too: NaN stays NaN, infinity infinite, and nothing is rounded.
export const fromKbps = (kbps: KilobitsPerSecond): BitsPerSecond => kbps * 1_000
export const toKbps = (rate: BitsPerSecond): KilobitsPerSecond => rate / 1_000
/** Bytes, or bytes/s. */
export const fromBytes = (bytes: number): number => bytes * 8
export const toBytes = (bits: number): number => bits / 8
export const fromSeconds = (seconds: number): Milliseconds => seconds * 1_000
export const toSeconds = (time: Milliseconds | UnixMilliseconds): number => time / 1_000

/** The end of the year 9999: what RFC 3339 can say, and so the API. */
export const LAST_TIME: UnixMilliseconds = 253_402_300_799_999

export const SECOND: Milliseconds = 1_000
export const MINUTE: Milliseconds = 60_000
export const HOUR: Milliseconds = 3_600_000
export const DAY: Milliseconds = 86_400_000
/** The grain of the record, and of what months are counted by. */
export const SLOT: Milliseconds = 300_000
export const slotOf = (at: UnixMilliseconds): UnixMilliseconds => at - (at % SLOT)

/** Seconds as minutes, to a hundredth: so no second is lost, and none is rounded away. */
export const inMinutes = (seconds: number): number => Math.round(seconds / 0.6) / 100

/** "2 s", "3 min 20 s", "1 h 5 min": such minutes to the second, with the signs of every language. */
export function formatMinutes(minutes: number): string {
  const all = Math.round(60 * minutes)
  const parts = [
    [Math.floor(all / 3_600), 'h'],
    [Math.floor(all / 60) % 60, 'min'],
    [all % 60, 's'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, sign]) => `${count} ${sign}`)
  return said.length === 0 ? '0 s' : said.join(' ')
}

/** Everyone has at least this much in the first band, so that no published rate is ever 0 (design: allocation). */
export const MIN_LIFELINE: BitsPerSecond = 64_000

const SCALE: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }
const RATE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:bps|bit\/s)$/i
/** A capital B among small letters, or the word. "MBPS" is all capitals: whoever writes so means bits. */
const BYTES = /^(\d+(?:\.\d+)?)\s*([kKmMgGtT]?)i?(?:B(?:ps|\/s|\/sec)?|[bB]ytes?(?:ps|\/s|\/sec)?)$/

/**
 * Reads "20Mbps", "1.5 Gbit/s" or "64000bps" as bit/s (decimal prefixes, as RFC 2698 and tc do).
 * Returns undefined for anything else: a bare number in a string has no unit and is refused, so that nobody guesses,
 * and so is one of bytes, for it would be cut to an eighth.
 */
export function parseRate(text: string): BitsPerSecond | undefined {
  // Nothing is nothing in every unit.
  if (/^0+$/.test(text.trim())) return 0
  const match = RATE.exec(text.trim())
  if (!match || BYTES.test(text.trim())) return undefined
  const value = Number(match[1]) * SCALE[match[2]!.toLowerCase()]!
  return Number.isFinite(value) ? Math.round(value) : undefined
}

/** What to write in place of a rate in bytes, such as "20 MB/s"; undefined: it speaks of none. */
export function bytesFault(text: string): string | undefined {
  const match = BYTES.exec(text.trim())
  if (!match) return undefined
  const count = Number(match[1]) * SCALE[match[2]!.toLowerCase()]!
  const [bytes, bits] = [formatRate(count * 8), formatRate(count)]
  return `"${text}" says bytes, and rates are bits: write ${bytes} if it is bytes, ${bits} if bits`
}

/**
 * Reads a rate for each direction: "300Mbps/150Mbps" or "300/150 Mbps" (down/up), or one for both.
 * Returns undefined for anything else.
 */
export function parseRatePair(text: string): { down: BitsPerSecond; up: BitsPerSecond } | undefined {
  const both = parseRate(text)
  if (both !== undefined) return { down: both, up: both }
  // "Mbit/s" has the same stroke in it.
  for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at + 1)) {
    const [left, right] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    const unit = /^\d+(?:\.\d+)?$/.test(left) ? right.replace(/^[\d.]+/, '') : ''
    const [down, up] = [parseRate(left + unit), parseRate(right)]
    if (down !== undefined && up !== undefined) return { down, up }
  }
  return undefined
}

const WRITTEN = [
  ['Tbps', 1e12],
  ['Gbps', 1e9],
  ['Mbps', 1e6],
  ['kbps', 1e3],
] as const

/** "20Mbps", "1.5Gbps", "64kbps": as people write it, and read back to the bit by parseRate. Below 1 kbit/s: bit/s. */
export function writeRate(rate: BitsPerSecond): string {
  for (const [unit, size] of WRITTEN) {
    const value = String(rate / size)
    if (rate >= size && /^\d+(?:\.\d{1,3})?$/.test(value) && parseRate(value + unit) === rate) return value + unit
  }
  return rate === 0 ? '0' : `${rate}bps`
}

/** "20Mbps", or "300Mbps/150Mbps" where the directions differ (down/up). */
export const writeRatePair = ({ down, up }: { readonly down: BitsPerSecond; readonly up: BitsPerSecond }): string =>
  down === up ? writeRate(down) : `${writeRate(down)}/${writeRate(up)}`

/** What is wrong with something that stands where a rate from 0 to `most` should. */
export function rateFault(found: unknown, most: BitsPerSecond): string {
  const expected = 'expected a rate such as 20Mbps'
  if (typeof found === 'string' && /^\d+(?:\.\d+)?$/.test(found.trim()))
    return `${expected}; "${found}" has no unit (for bit/s write ${found.trim()}bps)`
  const rate = typeof found === 'string' ? parseRate(found) : found
  const bytes = typeof found === 'string' ? bytesFault(found) : undefined
  if (typeof rate !== 'number') return bytes ?? `${expected}, found ${JSON.stringify(found) ?? 'nothing'}`
  if (rate < 0 || rate > most) return `expected a rate from 0 to ${formatRate(most)}, found ${formatRate(rate)}`
  return `expected a whole number of bit/s, or a rate such as 20Mbps, found ${rate}`
}

/**
 * "99.99 %": rounded down, for what was not reached is not said to be. With as many digits as what it is held against
 * has, two at least.
 */
export function percentOf(part: number, against = 0): string {
  const isWhole = (digits: number): boolean =>
    Math.abs(against * 10 ** digits - Math.round(against * 10 ** digits)) < 1e-6
  const digits = [2, 3].find((count) => isWhole(count + 2)) ?? 4
  return `${(Math.floor(part * 10 ** (digits + 2) + 1e-6) / 10 ** digits).toFixed(digits)} %`
}

/** "48 Mbit/s", "1.5 Gbit/s", "64 kbit/s": three significant digits, for people. */
export function formatRate(rate: BitsPerSecond): string {
  const [divisor, unit] =
    rate >= 1e12
      ? [1e12, 'Tbit/s']
      : rate >= 1e9
        ? [1e9, 'Gbit/s']
        : rate >= 1e6
          ? [1e6, 'Mbit/s']
          : rate >= 1e3
            ? [1e3, 'kbit/s']
            : [1, 'bit/s']
  return `${Number((rate / (divisor as number)).toPrecision(3))} ${unit}`
}

/** "48 of 48 Mbit/s": the unit once where it says enough. */
export function outOf(part: BitsPerSecond, whole: BitsPerSecond, of: string): string {
  const [value, unit] = formatRate(part).split(' ')
  const all = formatRate(whole)
  return part === 0 || all.endsWith(` ${unit}`) ? `${value} ${of} ${all}` : `${value} ${unit} ${of} ${all}`
}
