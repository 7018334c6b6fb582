// The words of planning, everywhere the same. They are printed in every report of `mizani plan`.

import type { Text } from '../../model/network.js'

export const PLAN_DEFINITIONS: Readonly<Record<string, Text>> = {
  short: {
    en: 'At least 1 kbit/s less than demand may claim of its promise.',
    sw: 'Kupata angalau 1 kbit/s chini ya kile ambacho mahitaji yanaweza kudai katika ahadi yake.',
  },
  unreachable: {
    en:
      'No site has a way to a service, in one direction or both. Who has none with nothing cut is counted there, ' +
      'and not again at each cut.',
    sw:
      'Hakuna kituo chenye njia ya kufikia huduma, upande mmoja au zote mbili. Asiye na njia bila mkato huhesabiwa ' +
      'hapo, si tena katika kila mkato.',
  },
  partly: {
    en:
      'A site has no such way, and another site of the same institution has. ' + 'What that one lacks counts as short.',
    sw:
      'Kituo hakina njia hiyo, na kituo kingine cha taasisi hiyohiyo kinayo. ' +
      'Kinachokosekana katika hicho kingine huhesabiwa kuwa pungufu.',
  },
  spell: { en: 'Unbroken steps.', sw: 'Hatua zinazofuatana bila kukatika.' },
  'break date': {
    en: 'The first 5 minutes in which a promise is short. Without a way with nothing cut: the first day.',
    sw: 'Dakika 5 za kwanza ambazo ahadi inapungukiwa. Bila njia hata bila mkato: siku ya kwanza.',
  },
  p95: {
    en:
      "Nearest rank of 5-minute means in the contract's month and time zone, of the direction that bills, " +
      'coverage stated.',
    sw:
      'Wastani wa dakika 5 ulio kwenye nafasi ya 95 kati ya 100 katika mwezi na saa za mkataba, wa upande ' +
      'unaotozwa, kiasi kilichorekodiwa kikitajwa.',
  },
  kept: {
    en: 'Of what demand may claim of a promise, the fraction that it gets; the least of the steps that were looked at.',
    sw: 'Sehemu inayopatikana ya kile ambacho mahitaji yanaweza kudai; ndogo kuliko zote katika hatua zilizoangaliwa.',
  },
  lacks: {
    en:
      'What is missing of the claims of an institution and service in the step in which most is missing. ' +
      'Together: of one step, that in which most is missing of all.',
    sw:
      'Kinachokosekana katika madai ya taasisi na huduma katika hatua ambayo kinakosekana zaidi. ' +
      'Kwa pamoja: cha hatua moja, ambayo kinakosekana zaidi kwa zote.',
  },
  predicted: {
    en: 'Rates, headroom and satisfaction are predicted. Latency and loss are not.',
    sw: 'Viwango, nafasi na utoshelevu vinatabiriwa. Ucheleweshaji na upotevu havitabiriwi.',
  },
}

const IN_SWAHILI: Readonly<Record<string, string>> = {
  ...{
    short: 'pungufu',
    unreachable: 'haifikiki',
    partly: 'kwa sehemu',
    spell: 'mfululizo',
    'break date': 'tarehe ya kuvunjika',
  },
  ...{ kept: 'inayopatikana', lacks: 'kinachokosekana', predicted: 'kinachotabiriwa' },
}

export const wordIn = (word: string, lang: keyof Text): string => (lang === 'sw' ? (IN_SWAHILI[word] ?? word) : word)
