// Whoever reads within a scope holds up nobody else: what is known to be theirs is not looked through, and what is long
// is looked through a piece a turn.

import t from 'tap'
import { manualClock } from '../../src/runtime/clock.js'
import { FairTurns } from '../../src/runtime/fair-turns.js'
import { empty, policyStore, startApi } from './api-fixture.js'

const named = (id: string) => ({ name: { en: `Office ${id}`, sw: `Ofisi ${id}` }, region: 'mbeya', tier: 'basic' })
const others = Array.from({ length: 8_000 }, (_, n) => [`other-${n}`, named(`other-${n}`)] as const)
const institutions = { mine: { ...named('mine'), from: ['mine-before', 'other-1'] }, ...Object.fromEntries(others) }
const document = { institutions, sites: {}, former: { 'mine-before': named('mine-before') }, guards: {}, links: {} }
const head = { document, revision: 7, etag: '"r7"', hash: 'sha256:7', meta: {} }
/** No JSON: whoever looks into it fails. */
const SERIES = '[what was recorded]'

let turns = 0
class CountedTurns extends FairTurns {
  override take(...turn: Parameters<FairTurns['take']>): Promise<void> {
    turns++
    return super.take(...turn)
  }
}

async function start() {
  const state = { current: () => head, document, revision: { ...head, indexes: new Map([['long-gone', 9]]) } }
  const policy = policyStore({ state, proposals: empty({ list: () => [] }) }).port
  const history = async ({ id }: { id: string }) => ({ isKnown: id !== 'nobody', text: Buffer.from(SERIES) })
  const api = await startApi({
    ...{ policy, turns: new CountedTurns(manualClock(), 64) },
    memory: empty({ history, alarms: empty({ open: () => [] }), recorder: { failing: null, size: 0 } }),
    scopes: { faults: () => [], edge: () => false, institution: (id) => id === 'mine' },
  })
  t.teardown(api.close)
  const scope = { regions: ['dodoma'], reads: 'scope' as const }
  const who = { actor: 'asha', roles: ['viewer' as const], scope, person: true, inPerson: true, via: 'token' as const }
  const authorization = `Bearer ${api.accounts.secrets.issue(who)}`
  return async (path: string, accept = 'application/json') => {
    turns = 0
    return { ...(await api.call(path, { as: null, headers: { authorization, accept } })), turns }
  }
}
const read = await start()

t.test('a history is shown as it is, to those whose it is', async (t) => {
  const mine = await read('/v1/institutions/mine/history')
  t.equal(mine.status, 200)
  t.match(mine.text, `"flows":${SERIES}`)
  t.match(mine.text, '"continues":["mine-before"]', 'what others were made from is not told')
  t.equal((await read('/v1/institutions/mine/history', 'text/csv')).text, SERIES)
  for (const id of ['other-1', 'long-gone', 'nobody']) {
    t.equal((await read(`/v1/institutions/${id}/history`)).status, 404, id)
    t.equal((await read(`/v1/links/access.${id}.down/history`)).status, 404, `the line of ${id}`)
  }
})

t.test('a long answer is looked through in many turns', async (t) => {
  const { status, text, turns } = await read('/v1/policy')
  t.equal(status, 200)
  t.notMatch(text, 'other-')
  t.match(text, 'Ofisi mine')
  t.ok(turns > 15, `${turns} turns`)
})
