// Everything the console says in one language: fixed texts, words of the API, rates and times, whole sentences.

import { civilTime, clockInWords, timeInWords } from '../../model/civil-time.js'
import { BAND_KINDS, BANDS, LIMITS, PROBLEM_TITLES, ROLE_NAMES, STATES, word } from '../../model/glossary.mjs'
import { formatRate } from '../../model/units.js'
import { Refused } from '../call.js'
import type { Lang } from '../page-data.js'
import { bothSaid } from './rates.js'
import { type Limit, sentences } from './sentences.js'
import type { Text } from './texts.js'
import { TEXTS } from './texts.js'

export type Words = ReturnType<typeof createWords>

/** @param zone IANA name of the plane's time zone: who looks may be anywhere */
export function createWords(lang: Lang, zone: string) {
  const say = (text: Text): string => text[lang === 'sw' ? 1 : 0]
  const limit = ({ code, id }: Limit): string => [word(LIMITS, code, lang), id].filter(Boolean).join(' ')
  const clock = (said: string): string => {
    const at = Date.parse(said)
    const { clock, seconds } = civilTime(at, zone)
    return `${clock}:${seconds}${clockInWords(at, zone).slice(clock.length)}`
  }
  /** "48 Mbit/s"; a dash for what is not known. */
  const rate = (value: number | null | undefined): string =>
    value === null || value === undefined ? say(TEXTS.none) : formatRate(value)
  /** The same, marked where it comes from a demand that is an estimate. */
  const about = (value: number, { estimatedSince }: { readonly estimatedSince: string | null }): string =>
    estimatedSince === null ? rate(value) : `≈ ${rate(value)}`
  return {
    lang,
    zone,
    say,
    limit,
    about,
    /** "10:05:00 EAT", of today. */
    clock,
    /** "2026-11-25 10:05 EAT". */
    time: (at: string): string => timeInWords(Date.parse(at), zone),
    rate,
    /** Of both directions; broken only between them. */
    both: ({ down, up }: { readonly down: number | null; readonly up: number | null }): string =>
      bothSaid(rate(down), rate(up)),
    /** "10:05", beside others of the day. */
    hour: (at: number): string => civilTime(at, zone).clock,
    seconds(milliseconds: number): string {
      const n = Math.max(0, Math.round(milliseconds / 1_000))
      return lang === 'en' ? `${n} s` : `sek ${n}`
    },
    percent: (part: number): string => `${Math.round(part * 100)} %`,
    /** The API says states of leases in capitals. */
    state: (said: string): string => word(STATES, said, lang).toLowerCase(),
    /** Of the shipped planes; another plane's band by its id, with what it does. */
    band: (id: string, kind: string): string =>
      Object.hasOwn(BANDS, id) ? word(BANDS, id, lang) : `${id} (${word(BAND_KINDS, kind, lang)})`,
    role: (role: string): string => word(ROLE_NAMES, role, lang),
    /** Why something was not done: the API's code in words, then what it found. */
    refusal(error: unknown): string {
      if (!(error instanceof Refused)) return say(TEXTS.away)
      const title = word(PROBLEM_TITLES, error.code, lang)
      return [`${title}.`, error.detail, ...error.faults].filter(Boolean).join(' ')
    },
    limitCodes: Object.entries(LIMITS).map(([code, said]) => [code, said[lang === 'sw' ? 1 : 0]] as const),
    problem: (code: string): string => word(PROBLEM_TITLES, code, lang),
    ...sentences({ lang, limit, clock }),
  }
}
