// Civil time: what the clocks on the walls of a time zone show. Machines count UTC milliseconds and write them with a
// Z; people write and read "2026-11-25 10:05 EAT", and say "yesterday 14:00". This is the one reader and the one writer
// of that: what it writes it reads back, in the plane's zone or in the one that was said. The clock is handed in.

import { parseDuration } from './duration.js'
import { DAY, MINUTE, type UnixMilliseconds } from './units.js'

export interface CivilTime {
  /** 2026-12-09 */
  readonly date: string
  /** 07:30 */
  readonly clock: string
  /** 15 */
  readonly seconds: string
}

/** An answer of the API names the plane's zone in it, for whoever shows its times to people. */
export const ZONE_HEADER = 'mizani-timezone'

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const two = '2-digit' as const
  const made = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
  })
  formats.set(timeZone, made)
  return made
}

/** Before, some zones were off by seconds: since then what changes within a minute are its seconds. */
const WHOLE_MINUTES: UnixMilliseconds = Date.UTC(1973, 0)
/** A sheet of a nation names few minutes, each of them often. */
const MOST_MINUTES = 1_000

/** What is made of a minute in a zone, made once. */
function byMinute<T>(make: (at: UnixMilliseconds, timeZone: string) => T): typeof make {
  const known = new Map<string, T>()
  return (at, timeZone) => {
    if (at < WHOLE_MINUTES) return make(at, timeZone)
    const minute = at - (at % MINUTE)
    const key = `${minute} ${timeZone}`
    let made = known.get(key)
    if (made === undefined) {
      made = make(minute, timeZone)
      if (known.size >= MOST_MINUTES) known.clear()
      known.set(key, made)
    }
    return made
  }
}

const minuteOf = byMinute(clocksAt)

export function civilTime(at: UnixMilliseconds, timeZone: string): CivilTime {
  const minute = minuteOf(at, timeZone)
  if (at < WHOLE_MINUTES) return minute
  return { ...minute, seconds: `${Math.floor((at % MINUTE) / 1_000)}`.padStart(2, '0') }
}

function clocksAt(at: UnixMilliseconds, timeZone: string): CivilTime {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  const date = `${parts.year!.padStart(4, '0')}-${parts.month}-${parts.day}`
  return { date, clock: `${parts.hour}:${parts.minute}`, seconds: parts.second! }
}

/** Names are said as those who live there say them: only an English of the region knows that +3 is EAT. */
const ENGLISHES = ['en-GB', 'en-TZ', 'en-ZA', 'en-US', 'en-AU'] as const
const names = new Map<string, readonly Intl.DateTimeFormat[]>()

/** "EAT" for Africa/Dar_es_Salaam, "UTC"; "GMT+3" for a zone whose hour has no name. */
const zoneName = byMinute((at, timeZone) => {
  const known =
    names.get(timeZone) ?? ENGLISHES.map((l) => new Intl.DateTimeFormat(l, { timeZone, timeZoneName: 'short' }))
  names.set(timeZone, known)
  const said = known.map((format) => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')!.value)
  return said.find((name) => !/\d/.test(name)) ?? said[0]!
})

/** "2026-11-25 10:05 EAT"; seconds where there are some. */
export function timeInWords(at: UnixMilliseconds, timeZone: string): string {
  const { date, clock, seconds } = civilTime(at, timeZone)
  return `${date} ${clock}${seconds === '00' ? '' : `:${seconds}`} ${zoneName(at, timeZone)}`
}

/** "10:05 EAT", where the day is plain. */
export function clockInWords(at: UnixMilliseconds, timeZone: string): string {
  return `${civilTime(at, timeZone).clock} ${zoneName(at, timeZone)}`
}

const STAMP = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g

/** A text for people: a machine's time in it, such as `2026-11-25T07:05:00.000Z`, becomes "2026-11-25 10:05 EAT". */
export function stampsInWords(text: string, timeZone: string): string {
  return text.replace(STAMP, (stamp) => {
    const at = Date.parse(stamp)
    return Number.isNaN(at) ? stamp : timeInWords(at, timeZone)
  })
}

/** UTC of what the clocks of a zone show; the earlier one of an hour that comes twice, `named` the one of that name. */
function instantOf(date: string, clock: string, timeZone: string, named?: string): UnixMilliseconds | undefined {
  const [hours, minutes, seconds = '00'] = clock.padStart(5, '0').split(':')
  const shown = `${date}T${hours}:${minutes}:${seconds}`
  const utc = Date.parse(`${shown}Z`)
  if (Number.isNaN(utc)) return undefined
  const offsetAt = (at: UnixMilliseconds): number => {
    const local = civilTime(at, timeZone)
    return Date.parse(`${local.date}T${local.clock}:${local.seconds}Z`) - Math.floor(at / 1_000) * 1_000
  }
  const found = [...new Set([utc - DAY, utc, utc + DAY].map((near) => utc - offsetAt(near)))]
    .filter((at) => offsetAt(at) === utc - at)
    .filter((at) => named === undefined || zoneName(at, timeZone).toUpperCase() === named)
  // An hour that the clocks leap over is none.
  return found.length === 0 ? undefined : Math.min(...found)
}

export interface TimeContext {
  readonly now: UnixMilliseconds
  /** IANA name, such as Africa/Dar_es_Salaam. */
  readonly zone: string
}

/** What a time may look like, for whoever is refused. */
export const TIME_EXAMPLES =
  '"14:00", "yesterday 14:00", "2026-11-25 10:05", "10 minutes ago", "in 2 hours" or "2026-11-25T10:05:00+03:00"'

const DAYS: Readonly<Record<string, number>> = {
  ...{ yesterday: -1, today: 0, tomorrow: 1 },
  ...{ jana: -1, leo: 0, kesho: 1, juzi: -2 },
}
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$/i
/** Dakika 10 zilizopita; siku 1 iliyopita. */
const AGO = /^(.+?) (?:ago|zilizopita|iliyopita)$/i
const AHEAD = /^(?:in|baada ya) (.+)$/i
const DAY_WORD = /^(\d{4}-\d\d-\d\d|\p{L}+)$/u
const CLOCK = /^\d{1,2}:\d\d(?::\d\d)?$/
const ZONE = /^(?:[A-Z]{1,5}|GMT[+-][\d:]+)$/i
/** Names of the zone that every plane knows. */
const UTC = /^(?:Z|UTC|GMT)$/i

/**
 * Reads a time as people write it: a clock (today's), a day, both, a duration ago or ahead, in English or Swahili
 * words; ISO 8601 with an offset; or what timeInWords wrote. A time without a zone is that of `zone`.
 * Undefined for anything else.
 */
export function readTime(text: string, { now, zone }: TimeContext): UnixMilliseconds | undefined {
  const plain = text.trim().replace(/\s+/g, ' ')
  if (/^(now|sasa)$/i.test(plain)) return now
  if (ISO.test(plain)) return isoTime(plain)
  return relativeTime(plain, now) ?? civilMoment(plain, now, zone)
}

function isoTime(text: string): UnixMilliseconds | undefined {
  const iso = text
    .replace(' ', 'T')
    .replace(/\s?(?:Z|UTC|GMT)$/i, 'Z')
    .replace(/\s?([+-]\d\d):?(\d\d)$/, '$1:$2')
  const at = Date.parse(iso)
  return Number.isNaN(at) || !isReal(iso.slice(0, 10), '00:00') ? undefined : at
}

function relativeTime(text: string, now: UnixMilliseconds): UnixMilliseconds | undefined {
  const ago = AGO.exec(text)?.[1]
  const span = parseDuration(ago ?? AHEAD.exec(text)?.[1] ?? '')
  return span === undefined ? undefined : ago === undefined ? now + span : now - span
}

/** [day] [at] [clock] [zone's name], a day or a clock at least. */
function civilMoment(text: string, now: UnixMilliseconds, zone: string): UnixMilliseconds | undefined {
  const words = text.replace(/^(\d{4}-\d\d-\d\d)T(?=\d)/, '$1 ').split(' ')
  const take = (form: RegExp): string | undefined => (form.test(words[0] ?? '') ? words.shift() : undefined)
  const day = take(DAY_WORD)
  if (day !== undefined) take(/^(?:at|saa)$/i)
  const clock = take(CLOCK)
  const named = clock === undefined ? undefined : take(ZONE)
  if (words.length > 0 || (day === undefined && clock === undefined)) return undefined
  const isUtc = named !== undefined && UTC.test(named)
  const place = isUtc ? 'UTC' : zone
  const date = dateOf(day ?? 'today', civilTime(now, place).date)
  if (date === undefined || !isReal(date, clock ?? '00:00')) return undefined
  return instantOf(date, clock ?? '00:00', place, isUtc ? undefined : named?.toUpperCase())
}

function dateOf(day: string, today: string): string | undefined {
  if (/^\d/.test(day)) return day
  const shift = Object.hasOwn(DAYS, day.toLowerCase()) ? DAYS[day.toLowerCase()]! : undefined
  if (shift === undefined) return undefined
  return new Date(Date.parse(`${today}T12:00:00Z`) + shift * DAY).toISOString().slice(0, 10)
}

/** Date.parse takes 30 February for 2 March. */
function isReal(date: string, clock: string): boolean {
  const at = Date.parse(`${date}T${clock.padStart(5, '0')}Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}
