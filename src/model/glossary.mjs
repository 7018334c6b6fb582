// The words of Mizani in English and Swahili, each once: the page, the sentences, alarms and errors take theirs from
// here. Browsers load this file as it is.
//
// Where the Swahili was seen: E in texts of the e-Government Authority, T of the communications regulator, M of a
// ministry or the press, W in other software; g is standard usage that no text was found for, to be read by a speaker.

/** Nouns and verbs, in the form in which they stand in the middle of a sentence. */
export const WORDS = {
  institution: ['institution', 'taasisi', 'E'],
  institutions: ['institutions', 'taasisi', 'E'],
  service: ['service', 'huduma', 'E'],
  direction: ['direction', 'mwelekeo', 'g'],
  down: ['download', 'kupakua', 'g'],
  up: ['upload', 'kupakia', 'g'],
  region: ['region', 'mkoa', 'E'],
  link: ['link', 'kiungo', 'g'],
  links: ['links', 'viungo', 'g'],
  edge: ['edge', 'lango', 'g'],
  edges: ['edges', 'malango', 'g'],
  capacity: ['capacity', 'uwezo', 'T'],
  use: ['use', 'matumizi', 'T'],
  rate: ['rate', 'kasi', 'T'],
  ceiling: ['ceiling', 'kikomo', 'g'],
  guarantee: ['guarantee', 'kiwango cha uhakika', 'g'],
  headroom: ['headroom', 'nafasi ya ziada', 'g'],
  tier: ['tier', 'daraja', 'g'],
  envelope: ['envelope', 'fungu', 'g'],
  override: ['override', 'badiliko la muda', 'g'],
  policy: ['policy', 'sera', 'E'],
  revision: ['revision', 'toleo', 'g'],
  controller: ['controller', 'kituo cha udhibiti', 'g'],
  'policy store': ['policy store', 'hifadhi ya sera', 'g'],
  'rates store': ['rates store', 'hifadhi ya viwango', 'g'],
  history: ['history', 'kumbukumbu za matumizi', 'g'],
  alarms: ['alarms', 'tahadhari', 'g'],
  driver: ['driver', 'kiendeshi', 'g'],
  state: ['state', 'hali', 'E'],
  search: ['search', 'tafuta', 'g'],
  signIn: ['sign in', 'ingia', 'g'],
  signOut: ['sign out', 'ondoka', 'g'],
  password: ['password', 'nywila', 'E'],
  name: ['name', 'jina', 'E'],
  token: ['token', 'tokeni', 'W'],
}

/** What the API says of edges, links and alarms in one word. */
export const STATES = {
  FRESH: ['FRESH', 'hai', 'g'],
  STALE: ['STALE', 'kimya', 'g'],
  SAFE: ['SAFE', 'salama', 'g'],
  UNKNOWN: ['UNKNOWN', 'halijulikani', 'g'],
  observe: ['observe', 'linaangalia', 'g'],
  enforce: ['enforce', 'linatekeleza', 'g'],
  hold: ['hold', 'linashikilia', 'g'],
  bypass: ['bypass', 'limeachia', 'g'],
  up: ['up', 'kiko sawa', 'g'],
  derated: ['derated', 'kimepungua', 'g'],
  down: ['down', 'kimekatika', 'M'],
  critical: ['critical', 'hatari', 'W'],
  major: ['major', 'kubwa', 'g'],
  minor: ['minor', 'ndogo', 'g'],
  simulated: ['simulated', 'cha kuigiza', 'g'],
}

/** Bands of the shipped planes; those of another plane are called by their ids. */
export const BANDS = {
  lifeline: ['lifeline', 'kiwango cha msingi', 'g'],
  critical: ['critical', 'huduma muhimu', 'g'],
  committed: ['committed', 'kiwango kilichoahidiwa', 'g'],
  sector: ['sector', 'sekta', 'E'],
  share: ['fair share', 'mgao wa haki', 'g'],
  headroom: ['headroom', 'nafasi ya ziada', 'g'],
}

/** What a band does with what is left. */
export const BAND_KINDS = {
  guarantee: ['guarantee', 'uhakika', 'g'],
  share: ['fair share', 'mgao wa haki', 'g'],
  headroom: ['headroom', 'nafasi ya ziada', 'g'],
}

/** What keeps a flow from what it asks, in a column of a table. */
export const LIMITS = {
  DEMAND: ['nothing', 'hakuna', 'g'],
  CEILING: ['its ceiling', 'kikomo chake', 'g'],
  LINK: ['link', 'kiungo', 'g'],
  ENVELOPE: ['envelope', 'fungu', 'g'],
  OVERRIDE: ['override', 'badiliko la muda', 'g'],
  PENDING: ['waits for room', 'inasubiri nafasi', 'g'],
  PINNED: ['edge keeps earlier rates', 'lango lina viwango vya awali', 'g'],
  NO_PATH: ['no path', 'hakuna njia', 'g'],
  OBSERVE: ['only observed', 'inaangaliwa tu', 'g'],
  SAFE: ['safe rate', 'kiwango salama', 'g'],
}

/** What a planner's question may be about: sorts of what is cut, and whom a purchase keeps. */
export const PLANNED = {
  link: ['link', 'kiungo', 'g'],
  group: ['group', 'kundi', 'g'],
  node: ['node', 'kituo', 'g'],
  pair: ['pair', 'jozi', 'g'],
  upstream: ['upstream', 'kiungo cha nje', 'g'],
  exchange: ['exchange', 'kituo cha kubadilishana trafiki', 'g'],
  backbone: ['backbone', 'kiungo cha mkongo', 'g'],
  uplink: ['uplink', 'kiungo cha kituo', 'g'],
  port: ['port', 'mlango wa lango', 'g'],
  access: ['access line', 'laini ya taasisi', 'g'],
  datacentre: ['data centre', 'kituo cha data', 'g'],
  everyone: ['everyone', 'wote', 'g'],
}

/** Whose part a role is. */
export const ROLE_NAMES = {
  viewer: ['viewer', 'mtazamaji', 'g'],
  operator: ['operator', 'mwendeshaji', 'g'],
  approver: ['approver', 'mwidhinishaji', 'g'],
  'break-glass': ['break-glass', 'mvunja kioo', 'g'],
  engineer: ['engineer', 'mhandisi', 'g'],
  planner: ['planner', 'mpangaji', 'g'],
  auditor: ['auditor', 'mkaguzi', 'E'],
  finance: ['finance officer', 'afisa fedha', 'E'],
  member: ['member institution', 'taasisi mwanachama', 'g'],
  monitor: ['monitor', 'mfuatiliaji', 'g'],
  edge: ['edge', 'lango', 'g'],
  admin: ['admin', 'msimamizi', 'W'],
}

/** What each code of an error says, to whoever asks in a language. */
export const PROBLEM_TITLES = {
  UNAUTHENTICATED: ['Sign in first', 'Ingia kwanza', 'g'],
  FORBIDDEN: ['Not yours to do', 'Huna ruhusa ya kufanya hili', 'g'],
  NOT_FOUND: ['Not found', 'Haikupatikana', 'W'],
  METHOD_NOT_ALLOWED: ['This cannot be done here', 'Hili haliwezi kufanyika hapa', 'g'],
  NOT_ACCEPTABLE: ['Not in this form', 'Haipo katika muundo huu', 'g'],
  BAD_REQUEST: ['The request is not right', 'Ombi si sahihi', 'W'],
  PAGE_TOKEN_INVALID: ['Start the list again', 'Anza orodha upya', 'g'],
  PAYLOAD_TOO_LARGE: ['Too large', 'Ni kubwa mno', 'g'],
  UNSUPPORTED_MEDIA_TYPE: ['Not a form that is read here', 'Muundo huu hausomwi hapa', 'g'],
  POLICY_INVALID: ['The policy is not right', 'Sera si sahihi', 'g'],
  TESTS_FAILED: ['The tests of the policy fail', 'Majaribio ya sera yameshindwa', 'g'],
  APPROVAL_REQUIRED: ['A second person must agree', 'Mtu wa pili lazima akubali', 'g'],
  SELF_APPROVAL: ['Somebody else must agree', 'Mtu mwingine lazima akubali', 'g'],
  PROPOSAL_STALE: ['The policy has changed since', 'Sera imebadilika tangu hapo', 'g'],
  CONFIRM_PENDING: ['A change waits to be confirmed', 'Kuna badiliko linalosubiri kuthibitishwa', 'g'],
  PRECONDITION_REQUIRED: ['Say what it was made on', 'Taja toleo lililotumika', 'g'],
  PRECONDITION_FAILED: ['Somebody was faster', 'Mtu mwingine ametangulia', 'g'],
  IDEMPOTENCY_REUSED: ['This key was used for something else', 'Ufunguo huu umeshatumika kwa jambo jingine', 'g'],
  RATE_LIMITED: ['Too many requests; wait a moment', 'Maombi mengi mno; subiri kidogo', 'g'],
  STORE_UNAVAILABLE: ['The store does not answer', 'Hifadhi haijibu', 'g'],
  PROVIDER_UNAVAILABLE: ['Who signs you in does not answer', 'Anayekutambulisha hajibu', 'g'],
  OUTCOME_UNKNOWN: ['It is not known whether it was done', 'Haijulikani kama limefanyika', 'g'],
  READ_ONLY: ['No changes are taken now', 'Mabadiliko hayapokelewi kwa sasa', 'g'],
  NOT_READY: ['Not ready yet', 'Bado haiko tayari', 'g'],
  INTERNAL: ['Something went wrong here', 'Kuna hitilafu hapa', 'W'],
}

export const word = (table, key, lang) => (Object.hasOwn(table, key) ? table[key][lang === 'sw' ? 1 : 0] : key)
