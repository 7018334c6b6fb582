// Words and numbers of the start page, English and Swahili side by side, so that none is written without the other.

const TEXTS = {
  skip: ['Skip to the content', 'Ruka hadi maudhui'],
  demo: [
    'Simulated edges or assumed figures: nothing here is the real network.',
    'Malango ya kuigiza au takwimu za kudhania: hakuna kilicho cha mtandao halisi.',
  ],
  signIn: ['Sign in', 'Ingia'],
  signOut: ['Sign out', 'Toka'],
  signInHow: [
    'With name and password. Nobody has an account yet? Open the link in the file first-sign-in of the data folder.',
    'Kwa jina na nywila. Hakuna akaunti bado? Fungua kiungo kilicho kwenye faili first-sign-in la folda ya data.',
  ],
  first: ['Make the first administrator', 'Unda msimamizi wa kwanza'],
  firstHow: [
    'Choose a name (small letters) and a password of at least 12 characters. This link works once.',
    'Chagua jina (herufi ndogo) na nywila yenye herufi 12 au zaidi. Kiungo hiki hufanya kazi mara moja.',
  ],
  user: ['Name', 'Jina'],
  password: ['Password', 'Nywila'],
  again: ['The same password once more', 'Nywila hiyo hiyo tena'],
  notTheSame: [
    'The two passwords differ, so nothing was done. Type both again.',
    'Nywila hizo mbili hazifanani, kwa hiyo hakuna kilichofanyika. Ziandike tena zote mbili.',
  ],
  orToken: ['Or a token', 'Au tokeni'],
  lookIn: ['Look in without an account', 'Angalia bila akaunti'],
  institutions: ['Institutions', 'Taasisi'],
  institution: ['Institution', 'Taasisi'],
  search: ['Search', 'Tafuta'],
  service: ['Service', 'Huduma'],
  direction: ['Direction', 'Mwelekeo'],
  down: ['download', 'kupakua'],
  up: ['upload', 'kupakia'],
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
  links: ['Links', 'Viungo'],
  link: ['Link', 'Kiungo'],
  way: ['From, to', 'Kutoka, kwenda'],
  usable: ['Usable', 'Uwezo'],
  needLoad: ['Needed', 'Hitaji'],
  used: ['Use', 'Matumizi'],
  unmet: ['Not met', 'Pungufu'],
  state: ['State', 'Hali'],
  edges: ['Edges', 'Malango'],
  edge: ['Edge', 'Lango'],
  region: ['Region', 'Mkoa'],
  enforcement: ['Enforcement', 'Utekelezaji'],
  lag: ['Behind', 'Nyuma kwa'],
  leaseLeft: ['Lease left', 'Muda uliobaki'],
  driver: ['Driver', 'Kiendeshi'],
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
  alarms: ['Alarms', 'Tahadhari'],
  nothing: ['None found.', 'Hakuna iliyopatikana.'],
}

const LIMITS = {
  DEMAND: ['nothing', 'hakuna'],
  CEILING: ['its ceiling', 'kikomo chake'],
  LINK: ['link', 'kiungo'],
  ENVELOPE: ['envelope', 'fungu'],
  OVERRIDE: ['override', 'badiliko la muda'],
  PENDING: ['waits for room', 'inasubiri nafasi'],
  PINNED: ['edge takes no rates', 'lango halipokei viwango'],
  NO_PATH: ['no path', 'hakuna njia'],
  OBSERVE: ['only observed', 'inaangaliwa tu'],
  SAFE: ['safe rate', 'kiwango salama'],
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

/** What the API says in one word; in English it is that word. */
const STATES = {
  FRESH: 'hai',
  STALE: 'kimya',
  SAFE: 'salama',
  UNKNOWN: 'halijulikani',
  observe: 'linaangalia',
  enforce: 'linatekeleza',
  hold: 'linashikilia',
  bypass: 'limeachia',
  up: 'kiko sawa',
  derated: 'kimepungua',
  down: 'kimekatika',
  critical: 'hatari',
  major: 'kubwa',
  minor: 'ndogo',
}

const STEPS = [
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
  const limit = ({ code, id }) => [LIMITS[code]?.[column] ?? code, id].filter(Boolean).join(' ')
  const names = ({ shortest, satisfied }) => {
    const named = shortest.slice(0, Math.min(3, satisfied.short))
    const listed = named.map((row) => `${row.name[lang]}: ${limit(row.limitedBy)}`)
    if (listed.length === 0) return ''
    return ` (${listed.join('; ')}${satisfied.short > listed.length ? '; …' : ''})`
  }
  return {
    text: (key) => TEXTS[key][column],
    limit,
    state: (word) => (column === 1 ? (STATES[word] ?? word) : word),
    /** What to do about it, since when, and who knows. */
    alarm({ remedy, since, acknowledgedBy }) {
      const time = clockTime(since, lang)
      const seen =
        acknowledgedBy === null ? '' : column === 0 ? `; seen by ${acknowledgedBy}` : `; ameona ${acknowledgedBy}`
      return `${remedy[lang]} (${column === 0 ? 'since' : 'tangu'} ${time}${seen})`
    },
    limitCodes: Object.entries(LIMITS).map(([code, words]) => [code, words[column]]),
    sentence(status) {
      const { satisfied: s, edges, enforcement } = status
      return column === 0
        ? `${s.all} get all they ask, ${s.short} short${names(status)}, ${s.belowGuarantee} below guarantee; ` +
            `${enforcement.enforce} of ${edges.total} edges enforce.`
        : `${s.all} zinapata kasi yote zinayoomba, ${s.short} zimepungukiwa${names(status)}, ` +
            `${s.belowGuarantee} ziko chini ya kiwango cha uhakika; ` +
            `malango ${enforcement.enforce} kati ya ${edges.total} yanatekeleza.`
    },
    tick({ seq, at, revision, leader, learning }) {
      const time = clockTime(at, lang)
      const state = learning ? (column === 0 ? ', learning' : ', inajifunza') : ''
      return column === 0
        ? `Publication ${seq} at ${time}, policy revision ${revision}, leader ${leader}${state}`
        : `Tangazo ${seq} saa ${time}, sera toleo ${revision}, kiongozi ${leader}${state}`
    },
    /** Nothing where only the policy is in force, as it is written. */
    inForce({ freeze, inForce }) {
      const held = Object.entries(IN_FORCE).filter(([kind]) => inForce[kind] > 0)
      const listed = held.map(([kind, names]) => `${names[column]}: ${inForce[kind]}`).join(' · ')
      const said = listed === '' ? [] : [`${column === 0 ? 'In force' : 'Vinavyotumika sasa'}: ${listed}`]
      if (freeze === null) return said.join('')
      const since = clockTime(freeze.since, lang)
      const frozen = [
        `The policy is frozen since ${since} by ${freeze.by}: ${freeze.reason}`,
        `Mabadiliko ya sera yamesitishwa tangu ${since} na ${freeze.by}: ${freeze.reason}`,
      ]
      return [frozen[column], ...said].join(' · ')
    },
    page: (first, last) => (last < first ? TEXTS.nothing[column] : `${first}–${last}`),
  }
}

const clockTime = (at, lang) =>
  new Date(at).toLocaleTimeString(lang === 'sw' ? 'sw-TZ' : 'en-GB', {
    timeZone: 'Africa/Dar_es_Salaam',
    hour12: false,
  })

/**
 * Keeps the secret of the first sign-in for this tab alone, so that a reload does not lose the only link there is;
 * null: it is spent.
 */
export function keepFirst(secret) {
  try {
    if (secret === null) sessionStorage.removeItem('first')
    else sessionStorage.setItem('first', secret)
  } catch {}
  return secret
}

export function readFirst() {
  try {
    return sessionStorage.getItem('first')
  } catch {
    return null
  }
}
