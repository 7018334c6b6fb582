// Concord: a Swahili verb agrees with the class of the noun it speaks of. A ministry inapata (class 9), a university
// chuo kinapata (7), a council baraza linapata (5), a fund mfuko unapata (3). The class of an institution is that of
// the head noun of its Swahili name, by the one table here, or what the policy says where a name has none.

export const NOUN_CLASSES = [3, 5, 6, 7, 9] as const
/** 3 u-/i-, 5 li-/ya-, 6 ya-, 7 ki-/vi-, 9 i-/zi-, as grammars number them. */
export type NounClass = (typeof NOUN_CLASSES)[number]

/** Prefix of a verb whose subject, or whose object, is of the class. */
const PREFIX: Readonly<Record<NounClass, string>> = { 3: 'u', 5: 'li', 6: 'ya', 7: 'ki', 9: 'i' }

const HEADS: ReadonlyMap<string, NounClass> = new Map([
  ...heads(3, 'mfuko mpango mradi mkoa mji mtandao msikiti mkongo wakala ubalozi umoja uwanja utumishi ushirika'),
  ...heads(5, 'baraza shirika jeshi bunge jiji gereza kanisa soko jimbo jumba dawati shirikisho'),
  ...heads(6, 'makumbusho makao makazi masjala'),
  ...heads(7, 'chuo kituo chama kikosi kitengo kitivo kiwanda kijiji chumba kikao'),
  ...heads(9, 'taasisi wizara mahakama mamlaka hospitali halmashauri sekretarieti bodi tume ofisi kampuni idara benki'),
  ...heads(9, 'shule skuli ikulu maabara jumuiya kampasi kurugenzi manispaa wilaya zahanati kanda seminari akademia'),
  ...heads(9, 'maktaba bandari bohari hifadhi kamati kamisheni polisi hazina serikali afisi sekta ranchi kambi'),
  // Watumishi Housing Investments: people by its name, a company by its nature.
  ...heads(9, 'watumishi'),
])

function heads(noun: NounClass, words: string): [string, NounClass][] {
  return words.split(' ').map((word) => [word, noun])
}

/** What joins a noun and what it is of agrees with it, too: chuo CHA, baraza LA, mfuko WA, wizara or makumbusho YA. */
const JOINS: ReadonlyMap<string, NounClass> = new Map([
  ['cha', 7],
  ['la', 5],
  ['wa', 3],
  ['ya', 9],
])

/** The class of a name's head noun; undefined where no word of it is known. */
export function headClass(name: string): NounClass | undefined {
  const words = name.toLowerCase().match(/\p{L}+/gu) ?? []
  for (const word of words) {
    const known = HEADS.get(word) ?? JOINS.get(word)
    if (known !== undefined) return known
  }
  return undefined
}

/** The class by which to speak of an institution: what was said, else its head noun's, else that of "taasisi". */
export const classOf = (name: string, stated?: NounClass | null): NounClass => stated ?? headClass(name) ?? 9

/** The prefix that agrees: `${subjectOf(7)}napata` is "kinapata". */
export const prefixOf = (noun: NounClass): string => PREFIX[noun]
