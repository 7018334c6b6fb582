// One right request for every route that takes something, as the description of the API shows it. They speak of one
// small plane (policy/document/example.ts), and a test sends each to a server of that plane, in this order: what is
// shown is taken. Ids that the server makes itself have no example.

import type { UnixMilliseconds } from '../model/units.js'
import { EXAMPLE_POLICY } from '../policy/document/describe.js'

export interface Example {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

const reason = 'the hospital grows, ticket 4711'
const PASSWORD = 'maji ya kunde 1961'
const hospital = { id: 'hosp-mbeya' }
/** Nothing is kept, and whatever is in force is what was read. */
const trial = { query: { dryRun: 'true', reason: 'to see what it does' }, headers: { 'if-match': '*' } }
const changes = { changes: [{ pointer: '/institutions/hosp-mbeya/labels/ticket', after: '4711' }] }
const { institutions, modes } = EXAMPLE_POLICY as Record<string, Record<string, unknown>>

/** By method and path, the path as OpenAPI writes it. Times that must lie ahead are counted from `now`. */
export function examplesAt(now: UnixMilliseconds): Readonly<Record<string, Example>> {
  const inDays = (days: number): string =>
    `${new Date(now + days * 86_400_000).toISOString().slice(0, 10)}T18:00:00+03:00`
  return {
    ...PEOPLE,
    'POST /v1/tokens': {
      body: { user: 'zabbix', name: 'link states', roles: ['monitor'], expires: inDays(90) },
    },
    ...POLICY,
    'POST /v1/modes/{id}/activate': { path: { id: 'sea-cable-cut' }, body: { reason, until: inDays(1) } },
    'POST /v1/modes/{id}/end': { path: { id: 'sea-cable-cut' }, body: { reason: 'the cable is mended' } },
    'POST /v1/edges/{id}/enforcement': {
      path: { id: 'dodoma-1' },
      body: { enforcement: 'hold', until: inDays(1), reason },
    },
    ...NETWORK,
    'POST /v1/links/{id}/samples': {
      path: { id: 'transit-a' },
      body: { samples: [{ at: new Date(now - 60_000).toISOString(), direction: 'down', rate: 412_000_000 }] },
    },
    'PUT /v1/ledger/prices': {
      query: { reason: 'the contract of this year' },
      headers: { 'if-match': '"0"' },
      body: {
        tariffs: { 'transit-2026': { currency: 'USD', monthly: '12000', perMbps: '5.25' } },
        tiers: { hospital: '900', basic: '150' },
        invoices: { [monthBefore(now)]: { 'transit-2026': '12345.60' } },
      },
    },
    'POST /v1/ledger/prices/approve': { body: { fingerprint: '5f2a'.repeat(16) } },
    'GET /v1/ledger/{month}': { path: { month: monthBefore(now) } },
    'POST /v1/ledger/{month}/reconcile': {
      path: { month: monthBefore(now) },
      body: { libreNms: { bills: [{ bill_id: 3, bill_ref: 'transit-2026', rate_95th: '412000000.00' }] } },
    },
    'POST /v1/ledger/{month}/close': { path: { month: monthBefore(now) } },
    'GET /v1/institutions/{id}/statement': { path: hospital, query: { lang: 'sw' } },
    'POST /v1/simulations': { body: { kind: 'runout', growth: '0.25±0.08', anyOne: 'upstream', years: 3 } },
    ...LOOKS,
    'POST /v1/me/password': { body: { present: PASSWORD, password: 'barua nne za zamani' } },
    'POST /v1/me/factors/totp/confirm': { body: { code: '287082' } },
    'POST /v1/session/factor': { body: { code: '287082' } },
  }
}

/** The whole month before, whatever the zone: two days into a month the one before it is over everywhere. */
const monthBefore = (now: UnixMilliseconds): string => {
  const late = new Date(now - 2 * 86_400_000)
  return new Date(Date.UTC(late.getUTCFullYear(), late.getUTCMonth() - 1, 1)).toISOString().slice(0, 7)
}

const PEOPLE: Readonly<Record<string, Example>> = {
  'POST /v1/session': { body: { user: 'asha', password: PASSWORD } },
  'POST /v1/users': { body: { id: 'zabbix', name: 'Monitoring, network centre', roles: ['monitor'], scope: null } },
  'PATCH /v1/users/{id}': { path: { id: 'zabbix' }, body: { name: 'Zabbix', scope: { envelopes: ['elimu'] } } },
  'GET /v1/users/{id}': { path: { id: 'zabbix' } },
  'POST /v1/audit/purge': { query: { dryRun: 'true' }, body: { reason: 'join lines of the first year' } },
  'POST /v1/audit/trim': {
    body: { through: { n: 1, hash: '5f'.repeat(32) }, reason: 'exported to the archive', receipt: '5f'.repeat(16) },
  },
}

const POLICY: Readonly<Record<string, Example>> = {
  'PUT /v1/policy': { ...trial, body: EXAMPLE_POLICY },
  'POST /v1/policy/preview': { body: changes },
  'POST /v1/policy/import/institutions': {
    query: trial.query,
    body: {
      csv:
        'Jina;Aina;Mkoa;tier;internet;lango;prefixes;Kasi (Mbps)\n' +
        'Shule ya Mfano;school;Dodoma;basic;ndiyo;dodoma-1;10.9.7.0/24;20\n',
      columns: { Jina: 'name' },
      same: {},
      defaults: { govnet: 'no' },
    },
  },
  'POST /v1/policy/import/sites': {
    query: trial.query,
    body: { csv: 'institution,edge,prefixes,down,up\nhosp-mbeya,dodoma-1,10.9.8.0/24,20Mbps,10Mbps\n' },
  },
  'POST /v1/policy/import/contracts': {
    query: trial.query,
    body: {
      csv:
        'name;mtoa huduma;kiungo;down (Mbps);commit (Mbps);kuanzia;hadi\n' +
        'Second transit;Lake Fibre Ltd;transit-b;1000;300;1/7/2026;30/6/2029\n',
    },
  },
  'POST /v1/policy/import/agreements': {
    query: trial.query,
    body: {
      csv:
        'reference,institution,from,to,tier,services,sla,signed by,budget code\n' +
        'MK/8/2026,Dodoma College,2026-07-01,2027-06-30,basic,internet,99 %,B. Komba,22-1005\n',
    },
  },
  'POST /v1/proposals': { query: { reason }, body: changes },
  'POST /v1/requests': {
    body: { ceilings: { internet: '120Mbps/60Mbps' }, reason: 'a second lecture hall opens in March' },
  },
  'POST /v1/institutions/{id}/what-if': { path: hospital, body: { ceilings: { internet: '300Mbps' } } },
  'PUT /v1/policy/{collection}/{id}': {
    ...trial,
    path: { collection: 'institutions', id: 'hosp-mbeya' },
    body: institutions?.['hosp-mbeya'],
  },
  'DELETE /v1/policy/{collection}/{id}': {
    ...trial,
    path: { collection: 'modes', id: Object.keys(modes ?? {})[0] ?? '' },
  },
  'POST /v1/overrides': {
    body: { patch: { on: { institution: 'hosp-mbeya' }, ceilings: { internet: '150Mbps' } }, seconds: 7_200, reason },
  },
  'POST /v1/freeze': { body: { reason: 'the budget is read in parliament' } },
  'POST /v1/unfreeze': {},
  'POST /v1/policy/store/keep': { body: { reason: 'its disk was replaced' } },
  'POST /v1/policy/store/take': { body: { reason: 'the backup of last night is meant' } },
}

const NETWORK: Readonly<Record<string, Example>> = {
  'POST /v1/edges/{id}/confirm': { path: { id: 'mbeya-1' }, body: { revision: 1 } },
  'POST /v1/edges/{id}/drain': { path: { id: 'dodoma-1' }, body: { reason: 'the machine is replaced, ticket 4711' } },
  'DELETE /v1/edges/{id}/drain': { path: { id: 'dodoma-1' } },
  'POST /v1/links/{id}/state': {
    path: { id: 'transit-b' },
    body: { event: 'zabbix-20261125-17', state: 'down', ttl: 3_600, reason: 'cable cut' },
  },
  'POST /v1/links/{id}/what-if': { path: { id: 'transit-b' }, body: { factor: 0.4 } },
  'POST /v1/edges/{id}/account': { path: { id: 'mbeya-1' } },
  'POST /v1/edges/{id}/credentials': {
    path: { id: 'mbeya-1' },
    body: { token: 'what `mizani edge-user add` has shown' },
  },
  'POST /v1/alarms/{id}/acknowledge': { body: { note: 'the provider was called, ticket 4712' } },
  'POST /v1/webhooks': {
    body: { url: 'https://alarms.example.go.tz/mizani', severity: 'major', regions: ['mbeya'] },
  },
  'POST /v1/demo/edges/{id}/stop': { path: { id: 'dodoma-1' } },
  'POST /v1/demo/edges/{id}/start': { path: { id: 'dodoma-1' } },
  'POST /v1/demo/load': { body: { institution: 'chuo-dodoma', factor: 3 } },
}

const LOOKS: Readonly<Record<string, Example>> = {
  'GET /v1/institutions': { query: { q: 'hosp', pageSize: '50' } },
  'GET /v1/institutions/{id}': { path: hospital },
  'GET /v1/institutions/{id}/choices': { path: hospital },
  'GET /v1/institutions/{id}/explain': {
    path: hospital,
    query: { service: 'internet', direction: 'down', lang: 'sw' },
  },
  'GET /v1/links/{id}': { path: { id: 'transit-a.down' } },
  'GET /v1/links/{id}/flows': { path: { id: 'transit-a.down' }, query: { limit: '20' } },
  'GET /v1/edges/{id}': { path: { id: 'dodoma-1' } },
  'GET /v1/edges/{id}/rendered': { path: { id: 'mbeya-1' }, query: { for: 'ios-xe' } },
  'GET /v1/policy/{collection}/{id}': { path: { collection: 'guards', id: 'promises-by-two' } },
  'GET /v1/policy/revisions/{n}': { path: { n: '1' } },
}
