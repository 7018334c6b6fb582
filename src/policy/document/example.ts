// One small policy that has something of everything, as people write it. `mizani explain-policy` prints its parts, the
// description of the API shows it as the body that replaces a policy, and tests hold it against the schema and send it
// to a server: an example that is refused teaches nothing.

const both = (down: string, up: string): object => ({ down, up })
const name = (en: string, sw: string): object => ({ en, sw })

/** A bandwidth function: lifeline, guarantee in a band, then shares. */
const promise = (ceiling: string, band: string, size: string, weight: number): object => ({
  ceiling,
  segments: [
    { band: 'lifeline', size: '256kbps' },
    { band, size },
    { band: 'share', weight },
  ],
})

const NETWORK = {
  regions: { dodoma: { name: name('Dodoma', 'Dodoma') }, mbeya: { name: name('Mbeya', 'Mbeya') } },
  nodes: {
    outside: { name: name('Internet', 'Intaneti') },
    dodoma: { name: name('Dodoma', 'Dodoma'), region: 'dodoma' },
    mbeya: { name: name('Mbeya', 'Mbeya'), region: 'mbeya' },
  },
  groups: { 'sea-cable': { name: name('First sea cable', 'Mkongo wa kwanza wa baharini') } },
  links: {
    'transit-a': {
      ...{ kind: 'upstream', from: 'outside', to: 'dodoma', capacity: both('1Gbps', '500Mbps'), usable: 0.95 },
      groups: ['sea-cable'],
      labels: { contract: 'IP-2026-4' },
    },
    'transit-b': { kind: 'upstream', from: 'outside', to: 'dodoma', capacity: '1Gbps' },
    'dodoma-mbeya': { kind: 'backbone', from: 'dodoma', to: 'mbeya', capacity: '1Gbps', cost: 480 },
  },
  edges: {
    'dodoma-1': {
      ...{ name: name('Dodoma gateway', 'Lango la Dodoma'), node: 'dodoma', region: 'dodoma', port: '1Gbps' },
      ports: { fibre: '800Mbps', radio: '400Mbps/200Mbps' },
    },
    'mbeya-1': {
      ...{ name: name('Mbeya gateway', 'Lango la Mbeya'), node: 'mbeya', region: 'mbeya', port: '1Gbps' },
      ...{ enforcement: 'enforce', pace: 'static', line: 'microwave' },
    },
  },
}

const TIERS = {
  bands: [
    { id: 'lifeline', kind: 'guarantee' },
    { id: 'critical', kind: 'guarantee' },
    { id: 'sector', kind: 'guarantee' },
    { id: 'committed', kind: 'guarantee' },
    { id: 'share', kind: 'share' },
    { id: 'headroom', kind: 'headroom', fill: 0.95 },
  ],
  classes: {
    business: {
      ...{ index: 0, name: name('Government systems', 'Mifumo ya serikali') },
      ...{ dscp: [26, 46], guarantee: 0.4, weight: 4 },
    },
    standard: { index: 1, name: name('Everything else', 'Mengine yote'), dscp: [0], weight: 1 },
  },
  tiers: {
    hospital: {
      name: name('Hospital', 'Hospitali'),
      services: {
        internet: {
          down: promise('200Mbps', 'critical', '40Mbps', 4),
          up: promise('100Mbps', 'critical', '20Mbps', 4),
        },
      },
    },
    basic: {
      name: name('Basic', 'Msingi'),
      services: {
        internet: { down: promise('50Mbps', 'committed', '10Mbps', 1), up: promise('25Mbps', 'committed', '5Mbps', 1) },
      },
    },
  },
}

const PREPARED = {
  calendars: {
    holidays: {
      name: name('Public holidays', 'Sikukuu'),
      days: [{ from: '2026-12-09', until: '2026-12-09' }],
    },
  },
  schedules: {
    'lessons-only': {
      name: name('Outside of lessons', 'Nje ya masomo'),
      ...{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '17:00', until: '07:00', except: 'holidays' },
      patches: [{ on: { category: 'school' }, ceilings: { internet: both('10Mbps', '5Mbps') } }],
    },
  },
  modes: {
    'sea-cable-cut': {
      name: name('The sea cable is cut', 'Mkongo wa baharini umekatika'),
      atMost: 2_880,
      patches: [
        { on: { link: 'sea-cable' }, factor: 0.3 },
        { on: { envelope: 'elimu' }, ceilings: { internet: '50Mbps' } },
      ],
    },
  },
  guards: {
    'promises-by-two': {
      name: name('Who is promised what', 'Nani anaahidiwa nini'),
      touches: ['/tiers', '/bands', '/guards'],
      promiseBroken: true,
    },
    'many-lose-at-night': {
      name: name('Many lose, at night', 'Wengi wanapoteza, usiku'),
      losers: 10,
      hours: { from: 'fri 18:00', until: 'mon 07:00' },
    },
  },
  tests: {
    'hospitals-keep-theirs': {
      expect: { category: 'hospital', service: 'internet', keeps: 'guarantee' },
      during: { cut: [], derate: { 'sea-cable': 0.3 }, anyOne: ['upstream'] },
      because: 'patients are treated over this line',
    },
    'schools-have-something': {
      expect: { category: 'school', direction: 'down' },
      atLeast: '2Mbps',
      demand: 'busy-hour',
    },
  },
}

const PAPERS = {
  contracts: {
    'transit-2026': {
      ...{ name: name('First transit', 'Njia ya kwanza'), provider: 'Ocean Transit Ltd', links: ['transit-a'] },
      ...{ capacity: both('1Gbps', '500Mbps'), committed: '400Mbps', percent: 95, counts: 'greater' },
      ...{ from: '2026-01-01', until: '2028-12-31', monthFrom: 1, leadDays: 90, sharing: 'half-and-half' },
      documents: ['IP-2026-4'],
    },
  },
  agreements: {
    'mk-7': {
      ...{ institution: 'hosp-mbeya', reference: 'MK/7/2026', from: '2026-07-01', until: '2027-06-30' },
      ...{ tier: 'hospital', services: ['internet'], attainment: 0.99, signatory: 'Dr A. Mushi', budget: '22-1004' },
    },
  },
  sharing: {
    'half-and-half': {
      name: name('Half by promise, half by volume', 'Nusu kwa ahadi, nusu kwa matumizi'),
      parts: [
        { by: 'promise', share: 0.5 },
        { by: 'volume', share: 0.5 },
      ],
      free: { from: '22:00', until: '06:00', tiers: ['basic'] },
    },
  },
}

/** A whole document, in the spelling of files and of requests. */
export const EXAMPLE_POLICY: Readonly<Record<string, unknown>> = {
  schema: 1,
  plane: {
    id: 'example',
    name: name('Example network', 'Mtandao wa mfano'),
    timezone: 'Africa/Dar_es_Salaam',
    timing: { tick: 1_000, lease: 60_000, staleAfterTicks: 3 },
    bootRate: '256kbps',
    survive: [{ id: 'sea-cable', derate: { 'sea-cable': 0.5 } }],
    unmapped: { service: 'internet', lifeline: '64kbps', weight: 1, ceiling: '10Mbps' },
    control: { service: 'internet', lifeline: '256kbps', weight: 4, ceiling: '10Mbps' },
  },
  ...NETWORK,
  categories: {
    hospital: { name: name('Hospital', 'Hospitali') },
    school: { name: name('School', 'Shule') },
  },
  services: {
    internet: {
      ...{ index: 0, name: name('Internet', 'Intaneti'), members: 'internet' },
      ...{ via: ['transit-a', 'transit-b'], split: 'by-capacity' },
    },
  },
  ...TIERS,
  envelopes: {
    elimu: {
      name: name('Education', 'Elimu'),
      ceilings: { internet: both('200Mbps', '100Mbps') },
      weights: { internet: 8 },
      guarantees: { internet: { band: 'sector', size: both('20Mbps', '10Mbps') } },
    },
  },
  institutions: {
    'hosp-mbeya': {
      name: name('Mbeya Referral Hospital', 'Hospitali ya Rufaa Mbeya'),
      ...{ category: 'hospital', region: 'mbeya', tier: 'hospital', internet: true, govnet: false },
      labels: { contract: 'MK-7' },
    },
    'chuo-dodoma': {
      name: name('Dodoma College', 'Chuo cha Dodoma'),
      ...{ category: 'school', region: 'dodoma', tier: 'basic', internet: true, govnet: false, envelope: 'elimu' },
      ceilings: { internet: both('30Mbps', '15Mbps') },
    },
  },
  sites: {
    'hosp-mbeya.office': {
      ...{ institution: 'hosp-mbeya', edge: 'mbeya-1', prefixes: ['10.9.1.0/24', 'fd00:9:1::/64'] },
      ...{ access: '100Mbps', vlan: 105 },
    },
    'chuo-dodoma.office': {
      ...{ institution: 'chuo-dodoma', edge: 'dodoma-1', prefixes: ['10.9.2.0/24'] },
      ...{ access: both('50Mbps', '20Mbps'), medium: 'microwave' },
    },
  },
  former: { 'shule-ya-zamani': { name: name('Old School', 'Shule ya Zamani') } },
  ...PREPARED,
  ...PAPERS,
}
