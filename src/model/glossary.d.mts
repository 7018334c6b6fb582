// The types of glossary.mjs, which browsers load as well.

/** English, Swahili, and where the Swahili was seen (the letters are explained in glossary.mjs). */
export type Word = readonly [en: string, sw: string, seen: 'E' | 'T' | 'M' | 'W' | 'g']
export const WORDS: Readonly<Record<string, Word>>
export const STATES: Readonly<Record<string, Word>>
export const BANDS: Readonly<Record<string, Word>>
export const BAND_KINDS: Readonly<Record<string, Word>>
export const PLANNED: Readonly<Record<string, Word>>
export const ROLE_NAMES: Readonly<Record<string, Word>>
export const LIMITS: Readonly<Record<string, Word>>
export const PROBLEM_TITLES: Readonly<Record<string, Word>>
/** A word of one of the tables; what is in none stays as it is. */
export function word(table: Readonly<Record<string, Word>>, key: string, lang: 'en' | 'sw'): string
