// Names as ids and as answers to "is this the same one?". A name in a sheet is matched without regard to case, accents
// and punctuation; what is only nearly the same (an abbreviation, a letter too few, a word more) is never guessed but
// asked about: a wrong guess would give one office's bandwidth to another.

import { MAX_ID_LENGTH } from '../../runtime/limits.js'
import { isOneSlip } from '../document/names.js'

/** Leaves room in an id for what is made from it, such as `.office-12`. */
const MAX_MADE_ID = MAX_ID_LENGTH - 10
/** What offices and places are shortened to, where no letters of the whole word would show it. */
const SHORT: Readonly<Record<string, readonly string[]>> = {
  ...{ mt: ['mount'], st: ['saint'], hq: ['headquarters'], rs: ['regional', 'secretariat'] },
  ...{ dc: ['district', 'council'], tc: ['town', 'council'], mc: ['municipal', 'council'], cc: ['city', 'council'] },
  rrh: ['regional', 'referral', 'hospital'],
}
/** Words that say nothing of who is meant. */
export const SMALL_WORDS = new Set(['of', 'the', 'and', 'for', 'in', 'ya', 'wa', 'la', 'na', 'za', 'kwa', 'cha', 'vya'])

/** Small letters and digits, word by word. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}|['’`´]/gu, '')
  return (
    plain
      .replaceAll('&', ' and ')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  )
}

/** One spelling for all spellings of a name. */
export const keyOf = (name: string): string => wordsOf(name).join(' ')

/** An id made from a name: "Mzumbe University (Mbeya)" is `mzumbe-university-mbeya`. Empty where no letter is Latin. */
export function idFrom(name: string): string {
  const words = wordsOf(name).map((word) => word.replace(/[^a-z0-9]/g, ''))
  const whole = words.filter(Boolean).join('-')
  if (whole.length <= MAX_MADE_ID) return whole
  return whole.slice(0, whole.lastIndexOf('-', MAX_MADE_ID)).slice(0, MAX_MADE_ID)
}

interface Known {
  readonly id: string
  readonly words: readonly string[]
  readonly initials: number
}

/** Who is called what. */
export class NameBook {
  readonly #byKey = new Map<string, Set<string>>()
  readonly #known: Known[] = []

  add(id: string, ...names: readonly string[]): void {
    for (const name of new Set(names)) {
      const key = keyOf(name)
      this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(id))
      const words = tellingWords(name)
      this.#known.push({ id, words, initials: initialsOf(words) })
    }
  }

  /** All whose name this is, whatever its spelling. */
  called(name: string): string[] {
    return [...(this.#byKey.get(keyOf(name)) ?? [])]
  }

  /** Those whose name has these words in it, in this order. */
  having(text: string): string[] {
    const part = ` ${keyOf(text)} `
    return [...new Set([...this.#byKey].flatMap(([key, ids]) => (` ${key} `.includes(part) ? [...ids] : [])))]
  }

  /** Those whose name is nearly this. */
  nearly(name: string): string[] {
    const words = tellingWords(name)
    const initials = initialsOf(words)
    const near = this.#known.filter((known) => {
      // Every word of the shorter name begins like one of the longer: most pairs end here.
      const [few, many] = known.words.length < words.length ? [known.initials, initials] : [initials, known.initials]
      return (few & ~many) === 0 && areNear(words, known.words)
    })
    return [...new Set(near.map(({ id }) => id))]
  }
}

export const tellingWords = (name: string): string[] =>
  wordsOf(name)
    .filter((word) => !SMALL_WORDS.has(word))
    .flatMap((word) => (Object.hasOwn(SHORT, word) ? SHORT[word]! : [word]))

const initialsOf = (words: readonly string[]): number =>
  words.reduce((bits, word) => bits | (1 << (word.codePointAt(0)! & 31)), 0)

/** Every word of the shorter name has its like in the longer, which has one word more at most, two if it is long. */
function areNear(a: readonly string[], b: readonly string[]): boolean {
  const [few, many] = a.length < b.length ? [a, b] : [b, a]
  if (few.length === 0 || many.length - few.length > (few.length >= 3 ? 2 : few.length - 1)) return false
  const left = [...many]
  return few.every((word) => {
    const at = left.findIndex((other) => areAlike(word, other))
    if (at < 0) return false
    left.splice(at, 1)
    return true
  })
}

export function areAlike(a: string, b: string): boolean {
  if (a === b) return true
  const [short, long] = a.length < b.length ? [a, b] : [b, a]
  if (short[0] !== long[0] || /\d/.test(a + b)) return false
  if (short.length >= 3 && long.startsWith(short)) return true
  if (short.length >= 4 && short.length <= long.length / 2 + 0.5 && isAbbreviation(short, long)) return true
  return long.length >= 5 && isOneSlip(short, long)
}

/** "natl" of "national": its letters in their order. */
function isAbbreviation(short: string, long: string): boolean {
  let at = 0
  for (const letter of short) {
    at = long.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}
