// What a write of the policy is answered, by what its writer has read: one table for the whole document and for a part
// of it, whether the change is made, only tried, or put off.

import t, { type Test } from 'tap'
import type { PolicyEdit } from '../../src/model/revision.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { empty, policyStore, startApi } from './api-fixture.js'

interface Place {
  readonly method: 'PUT' | 'DELETE'
  readonly path: string
  /** What is written; undefined: it is to go. */
  readonly body?: unknown
}
const part = { method: 'PUT', path: '/v1/policy/tiers/basic', body: { name: 'mine' } } as const
const PLACES: Readonly<Record<string, Place>> = {
  whole: { method: 'PUT', path: '/v1/policy', body: { tiers: { basic: { name: 'mine' } } } },
  part,
  'part to go': { method: 'DELETE', path: part.path },
  'new part': { ...part, path: '/v1/policy/tiers/gold' },
  'part that is not there': { method: 'DELETE', path: '/v1/policy/tiers/gold' },
  'no collection': { ...part, path: '/v1/policy/wishes/one' },
}
const HOURS = { made: 'reason=x', tried: 'dryRun=true', 'put off': 'reason=x&effectiveAt=2026-01-01T02:00:00Z' }
const good = { made: '200 made', tried: '200', 'put off': '201' }

/** By If-Match: none, what was read, that in a list, what was read before somebody else wrote, an unknown one, any. */
const MATCHES = ['absent', 'read', 'listed', 'stale', 'unknown', 'star', 'weak'] as const
const there = ['428', null, null, '412 conflict', '412 conflict', null, '412 conflict']
const ANSWERS: Readonly<Record<string, readonly (string | null)[]>> = {
  whole: there,
  part: there,
  'part to go': there,
  'new part': [null, '412', '412', '412', '412', '412', '412'],
  'part that is not there': ['404', '412', '412', '412', '412', '412', '412'],
  'no collection': MATCHES.map(() => '404'),
}
/** Which of ETag and Mizani-Revision an answer has. */
const HEADERS: Readonly<Record<string, string>> = {
  ...{ 'whole 200 made': 'er', 'whole 200': '', 'part 200 made': 'er', 'part 200': 'r' },
  ...{ 'part to go 200 made': 'r', 'part to go 200': 'r', 'new part 200 made': 'er', 'new part 200': 'r' },
  ...{ 'whole 428': 'er', 'whole 412 conflict': 'er', 'part 428': 'e', 'part 412 conflict': 'e' },
  ...{ 'part to go 428': 'e', 'part to go 412 conflict': 'e' },
}

t.test('a write is answered by what its writer has read', async (t) => {
  const proposal = { id: 'p-1', at: 0, effectiveAt: 0, state: 'approved', author: 'x', reason: 'x', reference: null }
  const rest = { base: 7, changes: [], guards: [], losses: [], approvedBy: null, note: null, scope: null }
  const propose = async (edit: PolicyEdit) => {
    edit(store.current())
    return { ...proposal, ...rest }
  }
  const store: ReturnType<typeof policyStore> = policyStore({ proposals: empty({ propose }) })
  const api = await startApi({ policy: store.port })
  t.teardown(api.close)
  const as = 'operator'
  const others = (name: string) =>
    api.send('PUT', '/v1/policy?reason=x', { tiers: { basic: { name } } }, { as, headers: { 'if-match': '*' } })
  for (const [name, { method, path, body }] of Object.entries(PLACES)) {
    for (const [how, query] of Object.entries(HOURS)) {
      for (const [k, match] of MATCHES.entries()) {
        await others('first')
        const read = (await api.call(path)).headers.get('etag') ?? '"nothing"'
        if (match === 'stale') await others('second')
        const tags = { absent: null, read, listed: `"other", ${read}`, stale: read, unknown: '"other"', star: '*' }
        const tag = match === 'weak' ? `W/${read}` : tags[match]
        const before = store.current().revision
        const answer = await api.call(`${path}?${query}`, {
          ...{ method, as, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(tag === null ? {} : { 'if-match': tag }),
          },
        })
        const { conflict } = answer.json() as { conflict?: { known: boolean } }
        const made = store.current().revision > before
        const found = `${answer.status}${made ? ' made' : ''}${conflict === undefined ? '' : ' conflict'}`
        const what = `${name}, ${match}, ${how}`
        t.equal(found, ANSWERS[name]![k] ?? good[how as keyof typeof good], what)
        const has = ['etag', 'mizani-revision'].map((header) => (answer.headers.has(header) ? header[0] : ''))
        t.equal(has.join('').replace('m', 'r'), HEADERS[`${name} ${found}`] ?? '', what)
        if (conflict) t.equal(conflict.known, match === 'stale', 'what was read is known, where it was read here')
      }
    }
  }
})

for (const moment of ['turn', 'draft'] as const) {
  t.test(`who comes second is told what the first has changed: ${moment}`, (t) => tellsTheSecond(t, moment))
}

/** Somebody else writes while the change waits for its turn; or a revert, say, while it is looked at. */
async function tellsTheSecond(t: Test, moment: 'turn' | 'draft'): Promise<void> {
  let meanwhile = async (): Promise<void> => undefined
  const store = policyStore({ [moment]: () => meanwhile() })
  const api = await startApi({ policy: store.port })
  t.teardown(api.close)
  const write = (name: string, tag: string) =>
    api.send('PUT', '/v1/policy?reason=x', { tiers: { basic: { name } } }, { headers: { 'if-match': tag } })
  await write('first', '*')
  for (const path of ['/v1/policy', part.path]) {
    const tag = (await api.call(path)).headers.get('etag')!
    const other = async (): Promise<void> => {
      meanwhile = async () => undefined
      await write(`${path} of somebody else`, '*')
    }
    meanwhile = other
    const body = path === part.path ? part.body : PLACES.whole!.body
    const late = await api.send('PUT', `${path}?reason=x`, body, { headers: { 'if-match': tag } })
    const theirs = [{ pointer: '/tiers/basic/name', after: `${path} of somebody else` }]
    t.match(late.json(), { status: 412, conflict: { known: true, theirs, both: ['/tiers/basic/name'] } }, path)
  }
}

t.test('the first part of a collection that the policy does not have yet is made like any other', async (t) => {
  const store = policyStore()
  const api = await startApi({ policy: store.port })
  t.teardown(api.close)
  const path = '/v1/policy/contracts/transit-2026'
  t.equal((await api.call(path)).status, 404)
  const contract = { provider: 'Ocean Transit Ltd' }
  t.equal((await api.send('PUT', `${path}?reason=signed`, contract)).status, 200)
  t.match((await api.call(path)).json(), contract)
  for (const none of ['bands', 'toString', 'moon'])
    t.match((await api.send('PUT', `/v1/policy/${none}/x?reason=x`, {})).json(), { status: 404 }, none)
})

t.test('a list of changes is held to its limit, and is never taken for a policy', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const ask = async (path: string, changes: unknown[]) => (await api.send('POST', path, { changes })).status
  for (const changes of [[], [null], [{ after: 1 }]])
    t.equal(await ask('/v1/policy/preview', changes), 400, `${changes.length} changes`)
})

t.test('a what-if changes the ceilings that it names, and leaves those of other services', async (t) => {
  const tried: unknown[] = []
  const ceilings = { internet: { down: 200e6, up: 100e6 }, datacentre: { down: 50e6, up: 50e6 } }
  const document = { guards: {}, institutions: { 'hosp-mnh': { tier: 'hospital', ceilings } } }
  const look = async (next: unknown): Promise<never> => {
    tried.push(next)
    throw new MizaniError({ code: 'RATE_LIMITED', message: 'enough' })
  }
  const state = { ...policyStore().port.state, document }
  const api = await startApi({ policy: policyStore({ state, changes: empty({ look }) }).port })
  t.teardown(api.close)
  const internet = { down: 400e6, up: 100e6 }
  const answer = await api.send('POST', '/v1/institutions/hosp-mnh/what-if', { ceilings: { internet } })
  t.equal(answer.status, 429, answer.text)
  t.match(tried, [{ institutions: { 'hosp-mnh': { tier: 'hospital', ceilings: { ...ceilings, internet } } } }])
})
