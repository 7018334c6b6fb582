// What the form of the policy says in Swahili beside its labels: the hints, which the schema itself says in English,
// and the words to choose from. It comes to a browser with such a form alone, and only to who reads Swahili.

import { NETWORK_HINTS } from './network-hints.js'
import { PROMISE_HINTS } from './promise-hints.js'
import { RULE_HINTS } from './rule-hints.js'

export const HINTS: Readonly<Record<string, string>> = { ...NETWORK_HINTS, ...PROMISE_HINTS, ...RULE_HINTS }

/** Words that a field lets somebody choose from. */
export const OPTIONS: Readonly<Record<string, string>> = {
  ...{ upstream: 'mtoa huduma wa juu', exchange: 'kituo cha kubadilishana trafiki', backbone: 'mkongo' },
  ...{ uplink: 'kiungo cha kituo', datacentre: 'kituo cha data', port: 'mlango wa lango', access: 'laini ya taasisi' },
  ...{ observe: 'kuangalia', enforce: 'kutekeleza', hold: 'kushikilia', bypass: 'kuachia' },
  ...{ live: 'moja kwa moja', paced: 'kwa nafasi', static: 'kwa mkono' },
  ...{ fibre: 'mkongo wa nyuzi', microwave: 'mawimbi ya redio', satellite: 'setilaiti' },
  ...{ internet: 'wa intaneti', govnet: 'wa GovNet', everyone: 'taasisi zote' },
  ...{ 'by-capacity': 'kwa uwezo', equal: 'sawa kwa sawa', fixed: 'wa kudumu', nearest: 'kilicho karibu' },
  ...{ guarantee: 'uhakika', share: 'mgao wa haki', headroom: 'nafasi ya ziada', lifeline: 'kiwango cha msingi' },
  ...{ mon: 'Jumatatu', tue: 'Jumanne', wed: 'Jumatano', thu: 'Alhamisi', fri: 'Ijumaa', sat: 'Jumamosi' },
  ...{ sun: 'Jumapili', down: 'kupakua', up: 'kupakia', greater: 'ulio mkubwa zaidi' },
  ...{ ceiling: 'kikomo', 'busy-hour': 'saa ya shughuli nyingi' },
  ...{ promise: 'ahadi', percentile: 'asilimia', volume: 'kiasi', 'tier-price': 'bei ya daraja' },
}
