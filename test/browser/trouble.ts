// A network in which there is something to see, for whoever looks at every page: an upstream that is cut, two that
// carry less, a hospital with another ceiling for a while, somebody's account, a proposal.

import { askAll } from './questions.js'
import type { Stage } from './stage.js'

type Ask = (method: string, path: string, body?: object) => Promise<Response>

const asking =
  ({ url, token }: Stage): Ask =>
  (method, path, body) =>
    fetch(url + path, {
      ...{ method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

/** @returns the token of a member, who has asked for more */
export async function trouble(stage: Stage): Promise<string> {
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
  return memberOf(stage, 'hosp-mnh-upanga')
}

/** Somebody who speaks for an institution, and has asked for more. @returns their token */
async function memberOf(stage: Stage, institution: string): Promise<string> {
  const ask = asking(stage)
  const scope = { institutions: [institution], reads: 'scope' }
  await ask('POST', '/v1/users', { id: 'neema', name: 'Neema Sanga', roles: ['member'], scope })
  const expires = new Date(Date.now() + 86_400_000).toISOString()
  const made = await ask('POST', '/v1/tokens', { user: 'neema', name: 'x', roles: ['member'], expires })
  const { token } = (await made.json()) as { token: string }
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
    ...['/ledger', '/ledger/register', ...(await ledgerPages(ask))],
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
