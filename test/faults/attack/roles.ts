// What each attacker does. All of it is within reach of whoever has that account, or none.

import type { Redis } from 'ioredis'
import type { Random } from '../model/random.js'
import type { Prey } from './prey.js'
import type { Ways } from './ways.js'

export interface Attack {
  readonly ways: Ways
  readonly prey: Prey
  /** The volatile store, as an edge. */
  readonly store: Redis
  readonly random: Random
}
export type Act = (attack: Attack) => Promise<unknown>

const MB = 1_000_000
const SPACES = ' '.repeat(5_000)
const wide = (count: number, text: (k: number) => string): string =>
  Array.from({ length: count }, (_, k) => text(k)).join('')
/** JSON that takes more time to read than to send. */
const NESTED = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
const TINY = `[${'{},'.repeat(1_300_000)}{}]`
const HUGE_REPORT = JSON.stringify({
  counters: Array.from({ length: 40_000 }, () => ({ institution: 1, service: 1, direction: 0 })),
})

/** Rows that look like institutions, in the way of the sheet that is exported. */
const rowsOf = (sheet: string, count: number): string => {
  const [header = '', row = ''] = sheet.split('\n')
  return `${header}\n${wide(count, (k) => `${row.replace(/^[^,]*/, `invented-${k}`)}\n`)}`
}

const tiers = ['ministry', 'hospital-national', 'hospital-regional', 'university', 'lga', 'court']
const changes = (attack: Attack, count: number) => {
  const { random, prey } = attack
  return Array.from({ length: count }, () => {
    return { pointer: `/institutions/${random.pick(prey.institutions)}/tier`, after: random.pick(tiers) }
  })
}

const imports = (token: 'operator' | 'scoped', query: string, csv: (attack: Attack) => string, leave?: number): Act => {
  return (attack) =>
    attack.ways.ask('POST', `/v1/policy/import/institutions?${query}`, {
      ...{ token: attack.prey.tokens[token], body: csv(attack), type: 'text/csv', ...(leave && { leave }) },
    })
}

const reads = (token: keyof Prey['tokens'], times: number, path: (attack: Attack) => string, accept = '*/*'): Act => {
  return (attack) => {
    const { ways, prey } = attack
    return ways.many(times, 'GET', path(attack), { token: prey.tokens[token], headers: { accept } })
  }
}

const previews = (token: 'operator' | 'scoped', times: number, count: number, leave?: number): Act => {
  return (attack) =>
    attack.ways.many(times, 'POST', '/v1/policy/preview', {
      token: attack.prey.tokens[token],
      body: { changes: changes(attack, count) },
      ...(leave && { leave }),
    })
}

const listens = (token: string): string =>
  `GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`
const lists = (token: string): string =>
  `GET /v1/institutions?pageSize=1000 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`.repeat(20)

const VIEWER: readonly Act[] = [
  reads('viewer', 4, ({ prey }) => prey.month),
  reads('viewer', 4, ({ prey }) => prey.month, 'text/csv'),
  reads('viewer', 10, () => '/v1/institutions?pageSize=1000'),
  reads('viewer', 10, () => '/v1/institutions?pageSize=1000', 'text/csv'),
  reads('viewer', 5, () => '/v1/policy'),
  reads('viewer', 5, () => '/v1/policy/export/institutions', 'text/csv'),
  reads('viewer', 5, () => '/v1/policy/export/sites', 'text/csv'),
  reads('viewer', 5, () => '/v1/policy/revisions/2/diff?against=1'),
  reads('viewer', 5, () => '/v1/allocations?pageSize=1000'),
  ({ ways, prey }) => Promise.all(Array.from({ length: 30 }, () => ways.socket(listens(prey.tokens.viewer), 8_000))),
  ({ ways, prey }) => Promise.all(Array.from({ length: 10 }, () => ways.socket(lists(prey.tokens.viewer), 5_000))),
  (attack) =>
    attack.ways.many(10, 'POST', `/v1/institutions/${attack.random.pick(attack.prey.institutions)}/what-if`, {
      ...{ token: attack.prey.tokens.viewer, body: { tier: attack.random.pick(tiers) }, leave: 60 },
    }),
]

const AUDITOR: readonly Act[] = [
  reads('auditor', 8, () => '/v1/audit?pageSize=1000'),
  reads('auditor', 8, () => '/v1/audit?pageSize=1000', 'text/csv'),
  reads('auditor', 4, () => '/v1/audit/verify'),
  reads('auditor', 8, ({ prey, random }) => `/v1/institutions/${random.pick(prey.institutions)}/explain`),
]

const OPERATOR: readonly Act[] = [
  previews('operator', 3, 1_000),
  previews('operator', 12, 2_000, 80),
  imports('operator', 'dryRun=true', ({ prey }) => prey.sheet),
  imports('operator', 'dryRun=true', () => `id,name${SPACES}x,category\na,b,c\n`),
  imports('operator', 'dryRun=true', ({ prey }) => `${prey.sheet}x,"${'1'.repeat(50_000)} Mbps",ministry\n`),
  imports('operator', 'dryRun=true', ({ prey }) => rowsOf(prey.sheet, 9_000)),
  imports('operator', 'dryRun=true', ({ prey }) => rowsOf(prey.sheet, 9_000), 100),
  imports('operator', 'dryRun=true', () => wide(200_000, (k) => `a${k},b,c\n`)),
  imports('operator', 'reason=attack', () => '"'.repeat(8 * MB)),
  ({ ways, prey: { tokens } }) => ways.ask('POST', '/v1/policy/preview', { token: tokens.operator, body: TINY }),
  ({ ways, prey: { tokens } }) => ways.ask('POST', '/v1/policy/preview', { token: tokens.operator, body: NESTED }),
  ({ ways, prey: { tokens } }) =>
    ways.ask('PUT', '/v1/policy?dryRun=true', { token: tokens.operator, body: `{"schema":1,"x":${TINY}}` }),
  (attack) =>
    attack.ways.ask('POST', '/v1/proposals?reason=attack', {
      ...{ token: attack.prey.tokens.operator, body: { changes: changes(attack, 10_000) } },
    }),
  ({ ways, prey: { tokens, institutions }, random }) =>
    ways.ask('POST', '/v1/overrides', {
      token: tokens.operator,
      body: { patch: { on: { institution: random.pick(institutions) }, tier: 'lga' }, seconds: 60, reason: 'attack' },
    }),
]

const SCOPED: readonly Act[] = [
  imports('scoped', 'dryRun=true', ({ prey }) => rowsOf(prey.sheet, 5_000)),
  imports('scoped', 'reason=attack', ({ prey }) => rowsOf(prey.sheet, 100)),
  imports('scoped', 'dryRun=true', () => `${SPACES}id${SPACES},name\n`),
  previews('scoped', 4, 500),
  previews('scoped', 8, 1, 30),
]

/** Whoever reads within a scope: each answer is looked through. */
const WITHIN: readonly Act[] = [
  reads('within', 4, ({ prey }) => prey.month),
  reads('within', 4, ({ prey }) => prey.month, 'text/csv'),
  reads('within', 6, () => '/v1/institutions?pageSize=1000'),
  reads('within', 6, () => '/v1/allocations?pageSize=1000', 'text/csv'),
  reads('within', 4, () => '/v1/policy'),
  reads('within', 4, () => '/v1/policy/export/institutions', 'text/csv'),
  reads('within', 4, () => '/v1/proposals?pageSize=1000&q=hospital'),
  reads('within', 4, ({ prey, random }) => `/v1/links/${random.pick(prey.links)}`),
]

const APPROVER: readonly Act[] = [
  reads('approver', 6, () => '/v1/proposals?pageSize=1000'),
  reads('approver', 6, () => '/v1/proposals?pageSize=1000&q=hospital', 'text/csv'),
  async (attack) => {
    const { ways, prey } = attack
    const headers = { authorization: `Bearer ${prey.tokens.approver}` }
    const answer = await fetch(`${prey.url}/v1/proposals?pageSize=20`, { headers })
    const { items } = (await answer.json()) as { items: { id: string }[] }
    const { id } = attack.random.pick(items)
    await ways.many(6, 'GET', `/v1/proposals/${id}`, { token: prey.tokens.approver })
    await ways.ask('POST', `/v1/proposals/${id}/approve`, { token: prey.tokens.approver, body: { note: 'x' } })
  },
]

const ADMIN: readonly Act[] = [
  reads('admin', 4, () => '/v1/users?pageSize=1000', 'text/csv'),
  reads('admin', 4, () => '/v1/tokens?pageSize=1000'),
  reads('admin', 4, () => '/openapi.json'),
  ({ ways, prey: { tokens }, random }) =>
    ways.ask('POST', '/v1/users', {
      ...{
        token: tokens.admin,
        body: { id: `u-${Math.floor(random.next() * 1e9)}`, roles: ['viewer'] },
      },
    }),
  ({ ways, prey: { tokens }, random }) =>
    ways.ask('POST', '/v1/webhooks', {
      ...{ token: tokens.admin, body: { url: `https://example.org/${Math.floor(random.next() * 1e9)}` } },
    }),
  ({ ways, prey: { tokens, institutions }, random }) =>
    ways.ask('PUT', `/v1/policy/institutions/${random.pick(institutions)}?reason=attack`, {
      ...{ token: tokens.admin, body: { label: 'x'.repeat(60_000) }, headers: { 'if-match': '"x"' } },
    }),
  ({ ways, prey: { tokens, institutions }, random }) =>
    ways.ask('DELETE', `/v1/policy/institutions/${random.pick(institutions)}?dryRun=true`, { token: tokens.admin }),
]

const MONITOR: readonly Act[] = [
  reads('monitor', 4, () => '/metrics'),
  ({ ways, prey: { tokens, links }, random }) =>
    ways.ask('POST', `/v1/links/${random.pick(links)}/samples`, {
      token: tokens.monitor,
      body: {
        samples: Array.from({ length: 500 }, (_, k) => ({
          at: new Date(Date.now() - k * 1_000).toISOString(),
          rate: 1e6,
        })),
      },
    }),
  ({ ways, prey: { tokens, links }, random }) =>
    ways.ask('POST', `/v1/links/${random.pick(links.filter((link) => link.startsWith('access.')))}/state`, {
      ...{ token: tokens.monitor, body: { event: `e-${random.next()}`, factor: random.next(), ttl: 5 } },
    }),
]

const BY_STORE: readonly Act[] = [
  ({ store, prey }) => store.publish(prey.store.up, Buffer.alloc(6 * MB)),
  ({ store, prey }) =>
    Promise.all(Array.from({ length: 200 }, () => store.publish(prey.store.up, Buffer.alloc(2_000, 77)))),
  ({ store, prey }) => store.set(prey.store.report, Buffer.alloc(3 * MB, 77)),
  ({ store }) => Promise.all(Array.from({ length: 50 }, () => store.call('INFO').catch(() => undefined))),
  ({ ways, prey }) => crowd(ways, 100, 3_000, Number(new URL(prey.store.url).port)),
]

const BY_HTTP: readonly Act[] = [
  ({ ways, prey: { far } }) =>
    ways.many(10, 'POST', `/v1/edges/${far.edge}/reports`, { token: far.token, body: HUGE_REPORT }),
  ({ ways, prey: { far } }) =>
    ways.many(20, 'POST', `/v1/edges/${far.edge}/reports`, { token: far.token, body: HUGE_REPORT.slice(0, 30_000) }),
  ({ ways, prey: { far } }) =>
    ways.many(20, 'GET', `/v1/edges/${far.edge}/rates?wait=5`, { token: far.token, leave: 1_000 }),
  ({ ways, prey: { far } }) => ways.many(20, 'GET', `/v1/edges/${far.edge}/profile`, { token: far.token }),
  ({ ways, prey: { far } }) => ways.many(5, 'POST', `/v1/edges/${far.edge}/keys`, { token: far.token }),
]

const crowd = (ways: Ways, count: number, time: number, port?: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => ways.socket('', time, port)))

const NOBODY: readonly Act[] = [
  ({ ways }) => crowd(ways, 300, 3_000),
  ({ ways }) =>
    ways.slowly(`POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n${'x'.repeat(200)}`, 10_000),
  ({ ways }) => ways.socket(Buffer.alloc(MB, 0xfe), 100),
  ({ ways }) => ways.ask('GET', '/v1/status', { headers: { 'x-large': 'x'.repeat(15_000) } }),
  ({ ways }) => ways.many(30, 'GET', '/v1/institutions', { token: 'x'.repeat(300) }),
  ({ ways }) => ways.ask('POST', '/v1/session', { body: { user: 'admin', password: 'a guess that is wrong' } }),
  ({ ways }) => ways.ask('POST', '/v1/session', { body: `{"a":${NESTED}` }),
]

/** By the name of the attacker. */
export const attacksOf: Readonly<Record<string, readonly Act[]>> = {
  viewer: VIEWER,
  auditor: AUDITOR,
  operator: OPERATOR,
  scoped: [...SCOPED, ...WITHIN],

  approver: APPROVER,
  admin: ADMIN,
  monitor: MONITOR,
  ...{ 'edge by store': BY_STORE, 'edge by HTTP': BY_HTTP },
  nobody: NOBODY,
}
