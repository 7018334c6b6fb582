// Who speaks for one institution: sees it and nobody else, in the very words in which what is not there is answered;
// asks for more, so many times and no more; and reads what was answered. Against a running product.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../src/cli.js'
import { API_RULES } from '../../src/client/api-rules.js'
import { DAY } from '../../src/model/units.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { MAX_REQUESTS_WAITING } from '../../src/runtime/limits.js'
import { Caller } from '../harness/caller.js'
import { freshFolder } from '../harness/place.js'
import { Program } from '../harness/program.js'

const [OWN, OTHER, NOBODY] = ['chuo-dodoma', 'hosp-mbeya', 'hosp-mwanza']
const [data, folder] = [freshFolder(t), freshFolder(t)]
// Nor schedules: what holds at night is none of this.
const { document } = validatePolicy({ ...EXAMPLE_POLICY, guards: {}, tests: {}, schedules: {} })
for (const [file, text] of Object.entries(planeFiles(document!))) writeFileSync(join(folder, file), text)
const up = await new Program(['up', '--port', '0', '--plane', folder], t, { env: { MIZANI_DATA: data } }).ready()
const machine = new Caller(() => up.url, readFileSync(join(data, 'cli-token'), 'utf8').trim())

async function tokenOf(id: string, roles: readonly string[], scope: object | null = null): Promise<string> {
  await machine.post('/v1/users', { id, name: id, roles, scope })
  const expires = new Date(Date.now() + DAY).toISOString()
  return (await machine.post<{ token: string }>('/v1/tokens', { user: id, name: 'test', roles, expires })).token
}
const somebody = async (...who: Parameters<typeof tokenOf>): Promise<Caller> =>
  new Caller(() => up.url, await tokenOf(...who))
const speaksFor = (id: string) => ({ institutions: [id], reads: 'scope' })
const token = await tokenOf('mwanachama', ['member'], speaksFor(OWN))
const member = new Caller(() => up.url, token)
const operator = await somebody('mwendeshaji', ['operator'])

interface Request {
  readonly id: string
  readonly state: string
  readonly proposal: string | null
  readonly outcome: string | null
  readonly decided: { readonly by: string; readonly reason: string | null } | null
  readonly preview: { readonly demands: readonly { demand: string; own: readonly object[]; losers: number }[] }
}
const more = (mbps: number) => ({ ceilings: { internet: `${mbps}Mbps/20Mbps` }, reason: 'a second lecture hall' })
const ask = (mbps: number) => member.post<Request>('/v1/requests', more(mbps))

t.test('a member speaks for one institution, by an account or by a token', async (t) => {
  for (const scope of [
    null,
    { institutions: [OWN] },
    { institutions: [OWN, OTHER], reads: 'scope' },
    { regions: ['dodoma'], reads: 'scope' },
  ]) {
    const asked = { id: 'hapana', roles: ['member'], scope }
    t.match(await machine.call('POST', '/v1/users', asked), { status: 400 }, JSON.stringify(scope))
  }
  const unknown = { id: 'hapana', roles: ['member'], scope: speaksFor(NOBODY) }
  t.match(await machine.call('POST', '/v1/users', unknown), { status: 400, body: { errors: [{ code: 'UNKNOWN' }] } })
  t.equal((await machine.call('PATCH', '/v1/users/mwanachama', { scope: null })).status, 400)
  const asMember = { user: 'mwendeshaji', name: 'x', roles: ['member'], expires: new Date(Date.now() + DAY) }
  t.equal((await machine.call('POST', '/v1/tokens', asMember)).status, 400)
  t.equal((await machine.call('POST', '/v1/requests', more(35))).status, 403, 'nor is an administrator one')
})

t.test('they see their own, and are refused what is common', async (t) => {
  await machine.until('/v1/status', () => true, 'there is a tick')
  t.match(await member.get(`/v1/institutions/${OWN}`), { id: OWN })
  t.match(await member.get(`/v1/institutions/${OWN}/explain`), { sentence: { sw: /Chuo cha Dodoma/ } })
  t.match(await member.get('/v1/status'), { alarms: [] })
  interface Tier {
    readonly id: string
    readonly isPresent: boolean
    readonly flows: readonly { readonly ceiling: number }[]
  }
  const choices = await member.get<{ tiers: readonly Tier[] }>(`/v1/institutions/${OWN}/choices`)
  t.same(
    choices.tiers.map(({ id, isPresent }) => [id, isPresent]),
    [
      ['basic', true],
      ['hospital', false],
    ],
  )
  for (const { id, flows } of choices.tiers)
    t.same(
      flows.slice(0, 2).map(({ ceiling }) => ceiling),
      [30e6, 15e6],
      `its own ceiling stays in ${id}`,
    )
  for (const path of ['institutions', 'policy', 'links', 'edges', 'alarms', 'proposals', 'ledger/register', 'users'])
    t.equal((await member.call('GET', `/v1/${path}`)).status, 403, path)
  const page = async (path: string) =>
    fetch(up.url + path, { headers: { ...member.headers, accept: 'text/html' }, redirect: 'manual' })
  t.match((await page('/')).headers.get('location'), /^\/mine$/, 'one page is theirs')
})

t.test('of others there is nothing, in the words of what is not there', async (t) => {
  const theirs = await somebody('mwenzake', ['member'], speaksFor(OTHER))
  const { id: hidden } = await theirs.post<Request>('/v1/requests', { tier: 'basic', reason: 'we need less' })
  const queries = [
    '',
    '?bogus=1',
    '?lang=sw',
    '?month=2026-01',
    '?at=never',
    '?reason=x',
    '?step=1h',
    '?service=x',
    '?pageSize=1',
  ]
  const pairs = (path: string): readonly (readonly [string, string])[] =>
    path.startsWith('/v1/requests') ? [[hidden, 'r-0000000000000000']] : [[OTHER, NOBODY]]
  const open = API_RULES.filter(({ path, access }) => path.includes('{id}') && access.some((one) => one === 'member'))
  t.ok(open.length >= 7, `${open.length} routes that name something`)
  let compared = 0
  for (const { method, path } of open)
    for (const [seen, absent] of pairs(path))
      for (const query of queries)
        for (const accept of ['application/json', 'text/csv', 'text/html', '*/*', 'application/json;q=0.5, text/csv']) {
          const look = async (id: string) => {
            const address = path.replace('{id}', id) + query
            const { status, body } = await member.call(method, address, {}, { headers: { accept } })
            const { requestId: _, ...said } = body as Record<string, unknown>
            return JSON.stringify([status, said]).replaceAll(id, 'ID')
          }
          const [one, other] = [await look(seen), await look(absent)]
          if (one !== other) t.equal(one, other, `${method} ${path}${query} ${accept}`)
          compared++
        }
  t.ok(compared >= 300, `${compared} answers compared`)
  t.same((await member.get<{ items: Request[] }>('/v1/requests')).items, [], 'nor is theirs in a list')
  t.notMatch(JSON.stringify(await member.get(`/v1/requests?institution=${OTHER}`)), hidden)
})

t.test('they ask for more with what it would do, so many times and no more', async (t) => {
  const tried = await member.call('POST', '/v1/requests?dryRun=true', more(35))
  t.match(tried, { status: 200, body: { state: 'open' } })
  t.same((await member.get<{ items: Request[] }>('/v1/requests')).items, [], 'a try is not kept')
  t.match(await member.call('POST', '/v1/requests', { tier: 'basic', reason: 'x' }), { status: 400 }, 'it has that')
  t.match(await member.call('POST', '/v1/requests', { tier: 'gold', reason: 'x' }), { status: 422 })
  t.match(await member.call('POST', '/v1/requests', { reason: 'x' }), { status: 400 })
  const made = await ask(35)
  const looked = made.preview.demands.find(({ demand }) => demand === 'allAtCeiling')
  t.match(looked?.own, [{ institution: OWN, direction: 'down', before: 30e6, after: 35e6 }], 'the preview is attached')
  const all = await Promise.all(Array.from({ length: 6 }, (_, n) => member.call('POST', '/v1/requests', more(36 + n))))
  t.same(all.map(({ status }) => status).sort(), [201, 201, 429, 429, 429, 429], 'whoever asks at the same time')
  const { items } = await member.get<{ items: Request[] }>('/v1/requests?state=open')
  t.equal(items.length, MAX_REQUESTS_WAITING)
  for (const { id } of items.filter(({ id }) => id !== made.id)) await member.post(`/v1/requests/${id}/withdraw`)
  const theirs = (await operator.get<{ items: (Request & { institution: string })[] }>('/v1/requests')).items.find(
    ({ institution }) => institution === OTHER,
  )
  t.equal((await member.call('POST', `/v1/requests/${theirs!.id}/withdraw`)).status, 404, 'their own alone')
})

let refused = ''
t.test('it is accepted into a proposal once, or refused with a reason that they read', async (t) => {
  const [open] = (await member.get<{ items: Request[] }>('/v1/requests?state=open')).items
  const scoped = await somebody('mwendeshaji-mbeya', ['operator'], { regions: ['mbeya'] })
  t.equal((await scoped.call('POST', `/v1/requests/${open!.id}/accept`)).status, 404, 'outside the scope')
  t.equal((await member.call('POST', `/v1/requests/${open!.id}/accept`)).status, 403)
  const decisions = await Promise.all([
    operator.call('POST', `/v1/requests/${open!.id}/accept`),
    machine.call('POST', `/v1/requests/${open!.id}/accept`),
    operator.call('POST', `/v1/requests/${open!.id}/refuse?reason=no+room`),
  ])
  const { state, proposal, decided } = await member.get<Request>(`/v1/requests/${open!.id}`)
  const proposals = await operator.get<{ items: { id: string; state: string; reference: string | null }[] }>(
    '/v1/proposals',
  )
  const waiting = proposals.items.filter(({ state }) => state === 'open' || state === 'approved')
  if (state === 'refused') {
    t.same([proposal, decided?.reason, waiting.length], [null, 'no room', 0], JSON.stringify(decisions))
  } else {
    t.match(waiting, [{ id: proposal, reference: open!.id }], JSON.stringify(decisions))
  }

  const again = await ask(42)
  const accepted = await operator.post<Request>(`/v1/requests/${again.id}/accept`)
  t.match(accepted, { state: 'accepted', outcome: 'approved' })
  t.equal((await operator.call('POST', `/v1/requests/${again.id}/refuse?reason=x`)).status, 412)
  t.match(await operator.get(`/v1/proposals/${accepted.proposal}`), {
    ...{ author: 'mwendeshaji', reason: 'a second lecture hall', reference: again.id },
    changes: [{ pointer: `/institutions/${OWN}/ceilings/internet/down`, after: 42e6 }],
  })
  t.equal((await operator.call('POST', `/v1/proposals/${accepted.proposal}/commit`)).status, 200)
  t.match(await member.get(`/v1/requests/${again.id}`), { outcome: 'committed' })

  const { id } = await ask(90)
  refused = id
  t.equal((await operator.call('POST', `/v1/requests/${id}/refuse`)).status, 400, 'not without a reason')
  await operator.post(`/v1/requests/${id}/refuse?reason=${encodeURIComponent('the line carries 80 Mbit/s')}`)
  t.match(await member.get(`/v1/requests/${id}`), { decided: { reason: 'the line carries 80 Mbit/s' } })
  const trail = await (await somebody('mkaguzi', ['auditor'])).get<{ items: { actor: string; subject: string }[] }>(
    `/v1/audit?subject=${id}`,
  )
  t.match(trail.items, [{ actor: 'mwendeshaji', reason: 'the line carries 80 Mbit/s', outcome: 'done' }])
})

t.test('commands say the same, and a backup has it', async (t) => {
  const run = async (...args: string[]) => {
    const said: string[] = []
    const io = { stdout: { write: (text: string) => said.push(text) }, stderr: { write: () => true } }
    const env = { MIZANI_URL: up.url, MIZANI_TOKEN: token, MIZANI_DATA: data }
    const code = await main(args, { ...io, env, isTTY: false })
    return { code, text: said.join('') }
  }
  t.match(await run('request', 'choices'), { code: 0, text: /^basic {2}.*\(now\)$/m })
  const tried = await run('request', 'make', '--ceiling', 'internet=45Mbps/20Mbps', '--reason', 'x', '--dry-run')
  t.match(tried, { code: 0, text: /^ {6}chuo-dodoma internet down 42 Mbit\/s -> 45 Mbit\/s$/m })
  t.match(await run('request', 'list', '--state', 'refused'), { code: 0, text: new RegExp(`^${refused} `, 'm') })
  const shown = await run('request', 'show', refused)
  t.match(shown, { code: 0, text: /^refused at .* by mwendeshaji: the line carries 80 Mbit\/s$/m })
  const file = join(folder, 'backup')
  t.equal((await run('backup', file)).code, 0)
  t.match(readFileSync(file, 'utf8'), /:requests/)
})
