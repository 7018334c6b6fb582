// A network in which there is something to see, for whoever looks at every page: an upstream that is cut, two that
// carry less, a hospital with another ceiling for a while, somebody's account, a proposal, a contract with its price.

import { Caller } from '../harness/caller.js'
import { ownToken } from '../harness/own-token.js'
import { askAll } from './questions.js'
import type { Stage } from './stage.js'

type Ask = (method: string, path: string, body?: object, etag?: string) => Promise<Response>

const asking =
  ({ url, token }: Stage): Ask =>
  (method, path, body, etag) =>
    fetch(url + path, {
      method,
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(etag === undefined ? {} : { 'if-match': etag }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

/** Tokens of those who see what others do not: a member, who has asked for more, and a finance officer. */
export interface Seeing {
  readonly member: string
  readonly finance: string
}

export async function trouble(stage: Stage): Promise<Seeing> {
  const ask = asking(stage)
  const tell = async (path: string, body: object): Promise<void> => {
    const answer = await ask('POST', path, body)
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  }
  await tell('/v1/links/transit-b/state', { event: 'shot-1', state: 'down', ttl: 3_600, reason: 'cable cut' })
  await tell('/v1/links/transit-a/state', { event: 'shot-2', factor: 0.02, ttl: 3_600, reason: 'ticket 4711' })
  await tell('/v1/links/transit-c/state', { event: 'shot-3', factor: 0.02, ttl: 3_600, reason: 'ticket 4711' })
  const patch = { on: { institution: 'hosp-mnh-upanga' }, ceilings: { internet: '150Mbps' } }
  await tell('/v1/overrides', { patch, seconds: 7_200, reason: 'an operation is shown to students, ticket 4712' })
  const scope = { regions: ['mbeya'] }
  await tell('/v1/users', { id: 'asha', name: 'Asha Mrisho', roles: ['viewer', 'operator'], scope, password: null })
  const pointer = '/tiers/hospital-national/services/internet/down/ceiling'
  await tell('/v1/proposals?reason=ticket%204713', { changes: [{ pointer, after: '250Mbps' }] })
  return { member: await memberOf(stage, 'hosp-mnh-upanga'), finance: await financeOf(stage) }
}

/** Pages of who sees them: a member has one of their own and no other, and what things cost finance sees alone. */
export function seenBy({ token }: Stage, { member, finance }: Seeing, pages: readonly string[]) {
  const of = (path: string): string => (path === '/mine' ? member : path.startsWith('/ledger') ? finance : token)
  return [token, member, finance].map((one) => ({ token: one, pages: pages.filter((path) => of(path) === one) }))
}

const CONTRACT = {
  name: { en: 'First transit', sw: 'Njia ya kwanza' },
  ...{ provider: 'Ocean Transit Ltd', links: ['transit-a'], capacity: '10Gbps', committed: '4Gbps' },
  ...{ from: '2026-01-01', until: null, leadDays: 90, documents: ['IP-2026-4'] },
}

/** Somebody who pays for an upstream. @returns their token */
async function financeOf(stage: Stage): Promise<string> {
  const ask = asking(stage)
  const put = await ask('PUT', '/v1/policy/contracts/transit-a-2026?reason=signed&confirmWithin=0', CONTRACT)
  if (!put.ok) throw new Error(await put.text())
  const owner = new Caller(() => stage.url, stage.token)
  const token = await ownToken(() => stage.url, owner, { id: 'fedha', name: 'Fadhili Komba', roles: ['finance'] })
  const tariffs = { 'transit-a-2026': { currency: 'USD', monthly: '31000', perMbps: '7.75' } }
  const book = { tariffs, tiers: {}, invoices: {}, corrections: {} }
  const priced = await asking({ ...stage, token })('PUT', '/v1/ledger/prices?reason=x', book, '"0"')
  if (!priced.ok) throw new Error(await priced.text())
  return token
}

interface User {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly scope?: object
}

async function tokenOf(ask: Ask, user: User): Promise<string> {
  await ask('POST', '/v1/users', user)
  const expires = new Date(Date.now() + 86_400_000).toISOString()
  const made = await ask('POST', '/v1/tokens', { user: user.id, name: 'x', roles: user.roles, expires })
  if (!made.ok) throw new Error(await made.text())
  return ((await made.json()) as { token: string }).token
}

/** Somebody who speaks for an institution, and has asked for more. @returns their token */
async function memberOf(stage: Stage, institution: string): Promise<string> {
  const ask = asking(stage)
  const scope = { institutions: [institution], reads: 'scope' }
  const user = { id: 'neema', name: 'Neema Sanga', roles: ['member'], scope }
  const token = await tokenOf(ask, user)
  const wish = {
    ceilings: { internet: '300Mbps/150Mbps' },
    reason: 'lectures by video from the theatre begin in March',
  }
  const asked = await asking({ ...stage, token })('POST', '/v1/requests', wish)
  if (!asked.ok) throw new Error(await asked.text())
  return token
}

/** An address for each page, and more than one for those that look different. */
export async function everyPage(stage: Stage): Promise<string[]> {
  const ask = asking(stage)
  const first = async (path: string): Promise<string> => {
    for (;;) {
      const { items } = (await (await ask('GET', path)).json()) as { items: { id: string }[] }
      if (items[0] !== undefined) return items[0].id
      await new Promise((done) => setTimeout(done, 500))
    }
  }
  return [
    ...['/', '/?link=transit-b', '/institutions', '/institutions?q=muh&direction=up', '/institutions/hosp-mnh-upanga'],
    ...['/links', '/links/transit-a', '/edges', '/edges/dar-1', '/in-force', '/emergency'],
    ...['/alarms', `/alarms/${await first('/v1/alarms')}`, '/audit', '/wall'],
    ...['/policy', '/policy/revisions/1', '/policy/tiers', '/policy/tiers/hospital-national', '/policy/institutions'],
    ...['/policy/links/transit-a?as=text', '/policy/bands', '/policy/plane', '/policy/whole', '/import'],
    ...['/ledger', '/ledger/register', '/ledger/prices', ...(await ledgerPages(ask))],
    ...['/mine', '/requests', `/requests/${await first('/v1/requests')}`],
    ...['/planner', ...(await askAll(stage))],
    ...['/proposals', `/proposals/${await first('/v1/proposals')}`, '/people', '/people/asha', '/me', '/told'],
  ]
}

/** The month that goes on, and a statement of it. */
async function ledgerPages(ask: Ask): Promise<string[]> {
  const { items } = (await (await ask('GET', '/v1/ledger')).json()) as { items: { month: string }[] }
  const of = `/ledger/${items[0]!.month}`
  return [of, `${of}/hosp-mnh-upanga`]
}
