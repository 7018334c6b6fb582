// Members of an alarm are names, and beside them words of ours: how those are said in Swahili.

import { STATES, WORDS, word } from '../model/glossary.mjs'
import { ENFORCEMENTS } from '../model/network.js'

/** Members that are words of ours and not somebody's name. */
const SWAHILI: readonly (readonly [RegExp, string])[] = [
  ...['policy store', 'rates store', 'controller', 'history'].map(
    (term) => [new RegExp(`^${term}(?=$| \\()`), word(WORDS, term, 'sw')] as const,
  ),
  [/ \((\S+) (\S+), expected (\S+)\)$/, ' ($1 ni $2, inatarajiwa $3)'],
  ...ENFORCEMENTS.map((term) => [new RegExp(` \\(${term}\\)$`), ` (${word(STATES, term, 'sw')})`] as const),
  [/( \(|, )bypass of (\S+) until (\S+): /g, `$1${word(STATES, 'bypass', 'sw')} $2 hadi $3: `],
  [/( \(|, )bypass until (\S+): /g, `$1${word(STATES, 'bypass', 'sw')} hadi $2: `],
  [/^edge (?=\S+$)/, 'lango '],
  [/ \(down\)$/, ' (kupakua)'],
  [/ \(up\)$/, ' (kupakia)'],
  [/ \(counters\)$/, ' (vipimo)'],
  [/ \(rates\)$/, ' (viwango)'],
  [/ \(stamps\)$/, ' (saa yake)'],
  [/ \(applied\)$/, ' (inayosema inatekeleza)'],
  [/ \(orders\)$/, ' (inatii na kutotii amri)'],
  [/ \(link (\S+)\)$/, ' (kiungo $1)'],
  [/ \((\d+) of (\d+) replicas\)$/, ' (nakala $1 kati ya $2)'],
  [/ \(it cut the controller off\)$/, ' (imekikata kituo cha udhibiti)'],
  [/ \(it is a replica\)$/, ' (ni nakala ya seva nyingine)'],
  [/ \(its disk takes nothing\)$/, ' (diski yake haipokei kitu)'],
  // What a store has lost: policy/in-force/known.ts.
  [/( \(|; )it is at revision (\d+), and revision (\d+) was in force/, '$1iko toleo la $2, na toleo la $3 lilitumika'],
  [/( \(|; )its revision (\d+) is another than the one that was in force/, '$1toleo lake la $2 si lile lililotumika'],
  [/( \(|; )its register is at version (\d+), and (\d+) was in force/, '$1rejista iko toleo la $2, $3 lilitumika'],
  [/( \(|; )version (\d+) of its register says something else/, '$1toleo la $2 la rejista linasema mengine'],
  [/( \(|; )its register lacks /, '$1rejista haina '],
  [/( \(|; )it lacks the order to /, '$1haina agizo kwa '],
  [
    / \(its accounts of edges are at version (\d+), and version (\d+) is known\)$/,
    ' (akaunti za malango ziko toleo la $1, na toleo la $2 linajulikana)',
  ],
  [/ \(its accounts of edges cannot be read\)$/, ' (akaunti za malango hazisomeki)'],
  [/^revision (\d+) by (\S+) /, 'toleo la $1 lililowekwa na $2 '],
  [/^revision (\d+) \(revision (\d+)/, 'toleo la $1 (toleo la $2'],
  [/ was not confirmed in time\)$/, ' halikuthibitishwa kwa wakati)'],
  [/: edge (\S+) refuses it\)$/, ': lango $1 linalikataa)'],
  [/: the proof of the allocation fails\)$/, ': uthibitisho wa mgao umeshindwa)'],
  [/: the promise of ([^\s:]+) breaks, which[\s\S]*$/, ': ahadi ya $1 inavunjika, ambayo toleo la awali lingetimiza)'],
]

export const inSwahili = (member: string): string => SWAHILI.reduce((said, [en, sw]) => said.replace(en, sw), member)
