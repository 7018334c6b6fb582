// One right body for every route that takes one, as the description of the API shows it. A test holds each of them
// against the schema that the route checks with.

const reason = 'the hospital grows, ticket 4711'
const changes = {
  changes: [{ pointer: '/institutions/hosp-mnh-upanga/tier', after: 'hospital-national' }],
}

/** By method and path, the path as OpenAPI writes it. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  'POST /v1/session': { user: 'asha', password: 'maji ya kunde 1961' },
  'POST /v1/me/password': { present: 'maji ya kunde 1961', password: 'barua nne za zamani' },
  'POST /v1/users': {
    id: 'juma',
    name: 'Juma, Ministry of Health',
    roles: ['operator'],
    scope: { envelopes: ['afya'] },
    password: 'maji ya kunde 1961',
  },
  'PATCH /v1/users/{id}': { roles: ['operator', 'engineer'] },
  'POST /v1/tokens': { user: 'zabbix', name: 'link states', roles: ['monitor'], expires: '2026-12-31T00:00:00+03:00' },
  'POST /v1/audit/trim': { through: { n: 1_200, hash: '5f'.repeat(32) }, reason: 'exported to the archive' },
  'POST /v1/edges/{id}/enforcement': { enforcement: 'hold', until: '2026-12-31T18:00:00+03:00', reason },
  'POST /v1/edges/{id}/confirm': { revision: 8 },
  'POST /v1/edges/{id}/drain': { reason: 'the machine is replaced, ticket 4711' },
  'POST /v1/edges/session': { token: 'the token that edge-user add has shown' },
  'POST /v1/demo/load': { institution: 'hosp-mnh-upanga', factor: 3 },
  'PUT /v1/policy': { schema: 1, plane: { id: 'taifa' }, tiers: {}, institutions: {} },
  'POST /v1/policy/preview': changes,
  'POST /v1/policy/import/institutions': {
    csv: 'Jina;Aina;Mkoa;tier;internet;edge;prefixes;Kasi (Mbps)\nChuo;agency;Dodoma;basic;ndiyo;d-1;10.9.1.0/24;20\n',
    columns: { Jina: 'name' },
    same: {},
    defaults: { govnet: 'no' },
  },
  'POST /v1/policy/import/sites': {
    csv: 'institution,edge,prefixes,down,up\nmin-afya,dodoma-1,10.9.2.0/24,20Mbps,10Mbps\n',
  },
  'POST /v1/proposals': changes,
  'POST /v1/institutions/{id}/what-if': { tier: 'hospital-national' },
  'PUT /v1/policy/{collection}/{id}': { name: { en: 'Upanga hospital', sw: 'Hospitali ya Upanga' } },
  'POST /v1/overrides': { patch: { on: { institution: 'hosp-mnh-upanga' }, factor: 2 }, seconds: 7_200, reason },
  'POST /v1/modes/{id}/activate': { reason, until: '2026-12-31T18:00:00+03:00' },
  'POST /v1/modes/{id}/end': { reason },
  'POST /v1/freeze': { reason },
  'POST /v1/unfreeze': { reason },
  'POST /v1/links/{id}/state': { event: 'zabbix-20261125-17', state: 'down', ttl: 3_600, reason: 'cable cut' },
}
