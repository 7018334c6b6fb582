// What the start page says, English and Swahili side by side, so that none is written without the other. Single words
// come from the glossary that sentences and alarms use, too (the path holds for browsers, which know no folder above).

import { LIMITS, ROLE_NAMES, STATES, WORDS, word } from '../../model/glossary.mjs'

/** A word of the glossary as a heading. */
const heading = (key) => WORDS[key].slice(0, 2).map((said) => said[0].toUpperCase() + said.slice(1))

const TEXTS = {
  skip: ['Skip to the content', 'Ruka hadi maudhui'],
  demo: [
    'Simulated edges or assumed figures: nothing here is the real network.',
    'Malango ya kuigiza au takwimu za kudhania: hakuna kilicho cha mtandao halisi.',
  ],
  signIn: heading('signIn'),
  signOut: heading('signOut'),
  signInHow: [
    'With name and password. Nobody has an account yet? Open the link in the file first-sign-in of the data folder.',
    'Kwa jina na nywila. Hakuna akaunti bado? Fungua kiungo kilicho kwenye faili first-sign-in la folda ya data.',
  ],
  first: ['Make the first administrator', 'Unda msimamizi wa kwanza'],
  firstHow: [
    'Choose a name (small letters) and a password of at least 12 characters. This link works once.',
    'Chagua jina (herufi ndogo) na nywila yenye herufi 12 au zaidi. Kiungo hiki hufanya kazi mara moja.',
  ],
  user: heading('name'),
  password: heading('password'),
  again: ['The same password once more', 'Nywila hiyo hiyo tena'],
  notTheSame: [
    'The two passwords differ, so nothing was done. Type both again.',
    'Nywila hizo mbili hazifanani, kwa hiyo hakuna kilichofanyika. Ziandike tena zote mbili.',
  ],
  code: ['The code of your authenticator', 'Namba ya uthibitisho kwenye kifaa chako'],
  notTheCode: [
    'This is not the code now, or it was used: wait for the next one.',
    'Namba hii si sahihi sasa, au imeshatumika: subiri inayofuata.',
  ],
  byPasskey: ['Sign in with a passkey', 'Ingia kwa ufunguo wa kifaa'],
  thenPasskey: ['With a passkey instead', 'Au kwa ufunguo wa kifaa'],
  addPasskey: ['Add a passkey', 'Ongeza ufunguo wa kifaa'],
  noPasskey: ['This passkey was not taken.', 'Ufunguo huu wa kifaa haukukubaliwa.'],
  keepCodes: [
    'For the day the device is lost, each works once. They are shown this once: write them down and lock them away.',
    'Kwa siku ambayo kifaa kitapotea; kila moja hutumika mara moja. Zinaonyeshwa sasa tu: ziandike na uzifungie.',
  ],
  lacksFactor: [
    'You must have a second factor: add a passkey, or run mizani factor add.',
    'Lazima uwe na uthibitisho wa pili: ongeza ufunguo wa kifaa, au tumia mizani factor add.',
  ],
  lacksPassword: [
    'Somebody else has set this password: choose your own by mizani password.',
    'Nywila hii iliwekwa na mtu mwingine: chagua yako kwa mizani password.',
  ],
  orToken: ['Or a token', 'Au tokeni'],
  lookIn: ['Look in without an account', 'Angalia bila akaunti'],
  institutions: heading('institutions'),
  institution: heading('institution'),
  search: heading('search'),
  service: heading('service'),
  direction: heading('direction'),
  down: WORDS.down,
  up: WORDS.up,
  demand: ['Asks for', 'Inaomba'],
  need: ['Gets', 'Inapata'],
  rate: ['Rate with headroom', 'Kasi pamoja na ziada'],
  applied: ['Applied at the edge', 'Inayotekelezwa'],
  arrived: ['Arrives', 'Inayofika'],
  carried: ['Carried', 'Inayopitishwa'],
  limitedBy: ['Limited by', 'Kikomo'],
  anyLimit: ['anything', 'chochote'],
  previous: ['Previous', 'Iliyotangulia'],
  next: ['Next', 'Inayofuata'],
  close: ['Close', 'Funga'],
  links: heading('links'),
  link: heading('link'),
  way: ['From, to', 'Kutoka, kwenda'],
  usable: heading('capacity'),
  needLoad: ['Needed', 'Hitaji'],
  used: heading('use'),
  unmet: ['Not met', 'Pungufu'],
  state: heading('state'),
  edges: heading('edges'),
  edge: heading('edge'),
  region: heading('region'),
  enforcement: ['Enforcement', 'Utekelezaji'],
  lag: ['Behind', 'Nyuma kwa'],
  leaseLeft: ['Lease left', 'Muda uliobaki'],
  driver: heading('driver'),
  refusal: ['Refused', 'Imekataa'],
  docs: ['HTTP API', 'HTTP API'],
  unknownLink: [
    'This link is not known, was used before, or has expired.',
    'Kiungo hiki hakijulikani, kimeshatumika, au muda wake umekwisha.',
  ],
  unknownToken: ['This is not known here.', 'Hii haijulikani hapa.'],
  tooEasy: [
    'This name or password will not do: small letters for the name, at least 12 characters for the password.',
    'Jina au nywila hii haifai: herufi ndogo kwa jina, herufi 12 au zaidi kwa nywila.',
  ],
  tooOften: ['Too many attempts; wait a moment.', 'Majaribio mengi mno; subiri kidogo.'],
  away: ['The controller does not answer; trying again.', 'Kituo cha udhibiti hakijibu; inajaribu tena.'],
  alarms: heading('alarms'),
  waitsToEnd: ['ending', 'inaisha'],
  nothing: ['None found.', 'Hakuna iliyopatikana.'],
}

/** What is in force for a while, with how many there are. */
const IN_FORCE = {
  SCHEDULE: ['schedules', 'ratiba'],
  MODE: ['modes', 'hali maalumu'],
  OVERRIDE: ['overrides', 'mabadiliko ya muda'],
  LINK_STATE: ['links or cables that carry less', 'viungo au mikongo iliyopungua'],
  ENFORCEMENT: ['edges under special orders', 'malango yenye amri maalumu'],
  DRAIN: ['edges that are to go', 'malango yanayoondolewa'],
  PIN: ['edges that take no rates', 'malango yasiyopokea viwango'],
  UNSIGNED: ['changes that nobody has signed', 'mabadiliko ambayo hayajasainiwa'],
}

const STEPS = [
  [1e12, 'Tbit/s'],
  [1e9, 'Gbit/s'],
  [1e6, 'Mbit/s'],
  [1e3, 'kbit/s'],
  [0, 'bit/s'],
]
export function rate(value) {
  if (value === null || value === undefined) return '–'
  const [step, unit] = STEPS.find(([least]) => value >= least)
  return `${Number((value / (step || 1)).toPrecision(3))} ${unit}`
}

/** Of the reader. */
export function readLang() {
  try {
    const kept = localStorage.getItem('lang')
    if (kept === 'en' || kept === 'sw') return kept
  } catch {
    // Storage may be switched off; the browser's own language is a good guess.
  }
  return navigator.language.startsWith('sw') ? 'sw' : 'en'
}

/** @param {'en' | 'sw'} lang */
export function messages(lang) {
  const column = lang === 'sw' ? 1 : 0
  const limit = ({ code, id }) => [word(LIMITS, code, lang), id].filter(Boolean).join(' ')
  const names = ({ shortest, satisfied }) => {
    const named = shortest.slice(0, Math.min(3, satisfied.short))
    const listed = named.map((row) => `${row.name[lang]}: ${limit(row.limitedBy)}`)
    if (listed.length === 0) return ''
    return ` (${listed.join('; ')}${satisfied.short > listed.length ? '; …' : ''})`
  }
  /** In the time of the plane, whose zone is named: who looks may be anywhere. */
  const clock = (at, zone) => {
    const time = new Date(at).toLocaleTimeString('en-GB', { timeZone: zone, hour12: false })
    return `${time} ${zoneName(at, zone)}`
  }
  return {
    text: (key) => TEXTS[key][column],
    limit,
    state: (said) => word(STATES, said, lang),
    /** Who is signed in, and as what. */
    who: (me) =>
      me === null ? '' : `${me.actor} (${me.roles.map((role) => word(ROLE_NAMES, role, lang)).join(', ')})`,
    /** What to do about it, since when, and who knows. */
    alarm({ remedy, since, acknowledgedBy }, zone) {
      const seen =
        acknowledgedBy === null ? '' : column === 0 ? `; seen by ${acknowledgedBy}` : `; ameona ${acknowledgedBy}`
      return `${remedy[lang]} (${column === 0 ? 'since' : 'tangu'} ${clock(since, zone)}${seen})`
    },
    limitCodes: Object.entries(LIMITS).map(([code, words]) => [code, words[column]]),
    sentence(status) {
      const { satisfied: s, edges, enforcement } = status
      const enforce = enforcement.enforce === 1 ? 'enforces' : 'enforce'
      return column === 0
        ? `${s.all} ${s.all === 1 ? 'gets all it asks' : 'get all they ask'}, ${s.short} short${names(status)}, ` +
            `${s.belowGuarantee} below guarantee; ${enforcement.enforce} of ${edges.total} edges ${enforce}.`
        : `Taasisi ${s.all} ${s.all === 1 ? 'inapata kasi yote inayoomba' : 'zinapata kasi yote zinayoomba'}, ` +
            `${s.short} ${s.short === 1 ? 'imepungukiwa' : 'zimepungukiwa'}${names(status)}, ` +
            `${s.belowGuarantee} ${s.belowGuarantee === 1 ? 'iko' : 'ziko'} chini ya kiwango cha uhakika; ` +
            `malango ${enforcement.enforce} kati ya ${edges.total} yanatekeleza.`
    },
    tick({ seq, at, revision, leader, learning, timezone }) {
      const time = clock(at, timezone)
      const state = learning ? (column === 0 ? ', learning' : ', inajifunza') : ''
      return column === 0
        ? `Publication ${seq} at ${time}, policy revision ${revision}, leader ${leader}${state}`
        : `Tangazo la ${seq} saa ${time}, toleo la ${revision} la sera, kiongozi ${leader}${state}`
    },
    /** Nothing where only the policy is in force, as it is written. */
    inForce({ freeze, inForce, timezone }) {
      const held = Object.entries(IN_FORCE).filter(([kind]) => inForce[kind] > 0)
      const listed = held.map(([kind, names]) => `${names[column]}: ${inForce[kind]}`).join(' · ')
      const said = listed === '' ? [] : [`${column === 0 ? 'In force' : 'Vinavyotumika sasa'}: ${listed}`]
      if (freeze === null) return said.join('')
      const since = clock(freeze.since, timezone)
      const frozen = [
        `The policy is frozen since ${since} by ${freeze.by}: ${freeze.reason}`,
        `Mabadiliko ya sera yamesitishwa tangu ${since} na ${freeze.by}: ${freeze.reason}`,
      ]
      return [frozen[column], ...said].join(' · ')
    },
    page: (first, last) => (last < first ? TEXTS.nothing[column] : `${first}–${last}`),
  }
}

/**
 * Keeps the secret of the first sign-in for this tab alone, so that a reload does not lose the only link there is;
 * null: it is spent.
 */
export function keepFirst(secret) {
  try {
    if (secret === null) sessionStorage.removeItem('first')
    else sessionStorage.setItem('first', secret)
  } catch {
    // Storage may be switched off: then a reload loses the link.
  }
  return secret
}

export function readFirst() {
  try {
    return sessionStorage.getItem('first')
  } catch {
    return null
  }
}

/** "EAT": only an English of the region knows the name; elsewhere it is GMT and the hours. */
function zoneName(at, timeZone) {
  const said = ['en-TZ', 'en-GB', 'en-US'].map(
    (english) =>
      new Intl.DateTimeFormat(english, { timeZone, timeZoneName: 'short' })
        .formatToParts(new Date(at))
        .find(({ type }) => type === 'timeZoneName').value,
  )
  return said.find((name) => !/\d/.test(name)) ?? said[0]
}
