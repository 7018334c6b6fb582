// Who is meant by what somebody types. The strictest reading that finds anyone counts: the text as it stands, then its
// words in any order without regard to accents and dots, then words that are shortened or misspelt ("Mt Meru" is Mount
// Meru). A looser reading never adds to what a stricter one has found.

import type { Text } from '../../model/network.js'
import { areAlike, tellingWords, wordsOf } from '../import/names.js'

export interface Named {
  readonly id: string
  readonly name: Text
  readonly labels: Readonly<Record<string, string>>
}

type Reading = (row: Named) => boolean

/** Which of the rows the text finds. */
export function namedBy(text: string, rows: readonly Named[]): Reading {
  const telling = tellingWords(text)
  const asked = telling.length > 0 ? telling : wordsOf(text)
  const plain = text.toLowerCase()
  const readings: readonly Reading[] = [
    (row) => textsOf(row).some((known) => known.toLowerCase().includes(plain)),
    readsAs(asked, (word, known) => known.startsWith(word) || (word.length >= 3 && known.includes(word))),
    readsAs(asked, (word, known) => known.startsWith(word) || isContraction(word, known) || areAlike(word, known)),
  ]
  return readings.find((reading) => rows.some(reading)) ?? readings[0]!
}

const textsOf = ({ id, name, labels }: Named): string[] => [id, name.en, name.sw, ...Object.values(labels)]

/** Every word that was typed has its like among those of the row. */
const readsAs =
  (asked: readonly string[], isLike: (word: string, known: string) => boolean): Reading =>
  (row) =>
    asked.length > 0 && asked.every((word) => knownWords(row).some((known) => isLike(word, known)))

/** By the name, which lives as long as the plan: boards come and go each second. */
const words = new WeakMap<Text, readonly string[]>()

function knownWords(row: Named): readonly string[] {
  const known = words.get(row.name) ?? [...new Set(textsOf(row).flatMap(wordsOf))]
  words.set(row.name, known)
  return known
}

/** "mt" of mount, "st" of saint: the first letter and the last. */
const isContraction = (word: string, known: string): boolean =>
  word.length === 2 && known.length > 3 && known[0] === word[0] && known.at(-1) === word[1]
