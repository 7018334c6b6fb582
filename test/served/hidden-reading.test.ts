// Who may not see an institution sees nothing of it: restricted ones are a sum to whoever only looks around, those of
// other regions nothing at all to whoever reads within a scope. Every address of the API that is read, as JSON and as a
// sheet, every page of the console, what a try answers, and the stream of events, against a running product with
// something of everything in it. Somebody who is cleared asks the same, so that it is known what there would have been
// to see.

import t, { type Test } from 'tap'
import type { Caller } from '../harness/caller.js'
import { until } from '../harness/until.js'
import {
  addresses,
  CLOSED,
  ELSEWHERE,
  FOREIGN,
  GONE,
  HIDDEN,
  happen,
  IN_AN_HOUR,
  INSTITUTIONS,
  LINE,
  machine,
  OPEN,
  OUTSIDE,
  pages,
  person,
  RESTRICTED,
  reader,
  SECRET,
  url,
} from './hidden-world.js'
import { losses } from './losses.js'

/** Every role that looks and may try something. */
const ACTIVE = ['operator', 'engineer']
const budget = { tiers: ['basic', 'hospital'], guarantee: 1e9, ceiling: 1e9 }
const dodoma = (reads: 'all' | 'scope') => ({ regions: ['dodoma'], reads, budget })

await machine.until<{ edges: { fresh: number } }>('/v1/status', ({ edges }) => edges.fresh >= 1, 'an edge is heard')
const cleared = await reader('cleared', ['planner'])
const viewer = await reader('viewer', ['viewer'])
const everywhere = await reader('everywhere', ACTIVE, dodoma('all'))
const within = await reader('within', ACTIVE, dodoma('scope'))
const mbeya = await reader('mbeya', ACTIVE, { regions: ['mbeya'] })
/** At an answer of which something seems to be lost. */
const LOOKS = 5
/** Who sees what: whatever asks for one of these is not there for them, and nothing else tells of any. */
const READERS = [
  { name: 'viewer', who: viewer, unseen: HIDDEN, absent: RESTRICTED },
  { name: 'everywhere', who: everywhere, unseen: HIDDEN, absent: RESTRICTED },
  { name: 'within', who: within, unseen: ELSEWHERE, absent: OUTSIDE },
]

const DIGEST = /sha256:[0-9a-f]{64}|\b[0-9a-f]{64}\b/

const NOBODY = { en: 'Nobody', sw: 'Hakuna' }

/** Lines of a name of their own, and who was there once: whose it was nobody knows any more. */
const besides = (unseen: RegExp): RegExp => new RegExp(`${unseen.source}|\\b${LINE}\\b|${GONE}`, 'i')

const asksFor = (path: string, some: readonly string[]): boolean => some.some((id) => path.includes(id))

function assertSilent(t: Test, what: string, text: string, unseen: RegExp): void {
  const leak = unseen.exec(text)
  if (leak !== null) t.fail(`${what}: ${text.slice(Math.max(0, leak.index - 200), leak.index + 80)}`)
}

t.test('something of everything happens to them', happen)

/** What an answer says of whom it is given to. */
const isOwn = (path: string): boolean => /^\/v1\/(?:me|tokens)\b/.test(path)
/** Answers that both have, and what one of them seems to lack. */
const compared: { path: string; reader: (typeof READERS)[number]; lost: string[] }[] = []

t.test('no answer names one, or has a digest of what is hidden', async (t) => {
  const told = { restricted: new Set<string>(), elsewhere: new Set<string>() }
  const isWhole = /metrics|export|rendered/
  for (const path of await addresses())
    for (const accept of isWhole.test(path) ? ['*/*'] : ['application/json', 'text/csv']) {
      const look = (who: Caller) => who.call('GET', path, undefined, { headers: { accept } })
      const [all, ...some] = await Promise.all([look(cleared), ...READERS.map(({ who }) => look(who))])
      for (const [k, { name, unseen, absent }] of READERS.entries()) {
        const seen = some[k]!
        const what = `${name} ${path} ${accept}`
        t.notOk(seen.status >= 500, `${what}: ${seen.status}`)
        if (asksFor(path, absent)) t.equal(seen.status, accept === 'text/csv' && seen.status === 406 ? 406 : 404, what)
        else assertSilent(t, what, JSON.stringify(seen.body), unseen)
        for (const text of [seen.etag, JSON.stringify(seen.body)]) assertSilent(t, `${what}, a digest`, text, DIGEST)
        if (accept === 'application/json' && !isOwn(path) && seen.status === 200 && all.status === 200)
          compared.push({ path, reader: READERS[k]!, lost: losses(all.body, seen.body, besides(unseen)) })
      }
      if (HIDDEN.test(JSON.stringify(all.body))) told.restricted.add(path)
      // Who reads everywhere sees what is not restricted.
      if (ELSEWHERE.test(JSON.stringify(some[1]!.body)) && !asksFor(path, OUTSIDE)) told.elsewhere.add(path)
    }
  for (const [what, paths] of Object.entries(told))
    t.ok(paths.size >= 15, `what there was to see, ${what}: ${[...paths].join(', ')}`)
})

t.test('and what is nobody else’s is not lost', async (t) => {
  t.ok(compared.length > 100, `${compared.length} answers that both have`)
  // What went on meanwhile was seen by one of them alone: what is lost is so at each look.
  for (const { path, reader } of compared.filter(({ lost }) => lost.length > 0)) {
    let lost = ['not looked at']
    for (let k = 0; k < LOOKS && lost.length > 0; k++) {
      const [all, seen] = await Promise.all([cleared.get(path), reader.who.get(path)])
      lost = losses(all, seen, besides(reader.unseen))
    }
    t.same(lost, [], `${reader.name} ${path}`)
  }
})

t.test('what is in force on hidden institutions alone has no row, in no format', async (t) => {
  type Row = { ref: string; kind: string; subjects: string[] }
  const rowsOf = async (who: Caller) => (await who.get<{ items: Row[] }>('/v1/in-force?pageSize=500')).items
  const all = await rowsOf(cleared)
  for (const { name, who, unseen } of READERS) {
    const hidden = all.filter(({ subjects }) => subjects.every((subject) => unseen.test(subject)))
    const seen = await rowsOf(who)
    const refs = new Set(seen.map(({ ref }) => ref))
    t.ok(hidden.length > 0, `${name}: there was something to hide`)
    t.same(
      hidden.filter(({ ref }) => refs.has(ref)),
      [],
      name,
    )
    t.same(
      seen.filter(({ subjects }) => subjects.length === 0),
      [],
      name,
    )
    const sheet = await who.call('GET', '/v1/in-force', undefined, { headers: { accept: 'text/csv' } })
    t.same(
      hidden.filter(({ ref }) => String(sheet.body).includes(ref)),
      [],
      `${name}, as a sheet`,
    )
  }
})

t.test('tags stand for digests, and no answer confirms a guess', async (t) => {
  type Status = { revision: number; hash: string }
  const whole = await cleared.call('GET', '/v1/policy')
  t.match(whole.etag, DIGEST, 'whoever sees all has the digest itself')
  t.match((await cleared.get<Status>('/v1/status')).hash, DIGEST)
  for (const { name, who } of READERS) {
    t.match((await who.get<Status>('/v1/status')).hash, /^keyed:[0-9a-f]{32}$/, `${name} has a tag`)
    t.equal(
      (await who.get<Status>('/v1/status')).hash,
      (await who.get<Status>('/v1/status')).hash,
      'the same one again',
    )
  }
  // A tag names the version to write on; the digest itself, also a right one, names none.
  const path = `/v1/policy/institutions/${OPEN[1]}?dryRun=true`
  const part = await within.call('GET', `/v1/policy/institutions/${OPEN[1]}`)
  const right = (await cleared.call('GET', `/v1/policy/institutions/${OPEN[1]}`)).etag
  t.equal((await within.call('PUT', path, part.body, { etag: part.etag })).status, 200)
  for (const etag of [right, `"sha256:${'0'.repeat(64)}"`, `"keyed:${'0'.repeat(32)}"`]) {
    const refused = await within.call('PUT', path, part.body, { etag })
    t.equal(refused.status, 412, etag)
    t.equal(refused.etag, part.etag, 'which says what it is now')
    t.notMatch(JSON.stringify(refused.body), DIGEST)
  }
})

t.test('nor does a page of the machine itself, or what scrapes it', async (t) => {
  const text = await (await fetch(`${url()}/metrics`)).text()
  t.match(text, /mizani_link_load_bits_per_second\{link="transit-a"/)
  t.match(text, `link="access.${OPEN[0]}.office"`)
  t.notMatch(text, HIDDEN)
  t.notMatch(text, /access\.posta/)
  t.match(String((await machine.call('GET', '/metrics', undefined, { headers: { accept: '*/*' } })).body), HIDDEN)
})

t.test('names are told of whom one sees, and of nobody else, be they there or closed', async (t) => {
  const hidden = [...SECRET.map((id) => `institutions/${id}`), `former/${CLOSED}`]
  const asked = [`institutions/${OPEN[0]}`, ...hidden, `institutions/${FOREIGN[0]}`, 'tiers/basic'].join()
  type Named = { items: { id: string }[] }
  const seenBy = async (who: Caller): Promise<string[]> =>
    (await who.get<Named>(`/v1/names?of=${asked}`)).items.map(({ id }) => id)
  t.same(await seenBy(cleared), [OPEN[0], ...SECRET, CLOSED, FOREIGN[0], 'basic'])
  for (const who of [viewer, everywhere]) t.same(await seenBy(who), [OPEN[0], FOREIGN[0], 'basic'])
  t.same(await seenBy(within), [OPEN[0], 'basic'])
})

t.test('no page that the server writes names one either', async (t) => {
  const asha = await person('asha', ['viewer'])
  const neema = await person('neema', ACTIVE, { regions: ['dodoma'], reads: 'scope' })
  const juma = await person('juma', ['planner'])
  const told = { restricted: new Set<string>(), elsewhere: new Set<string>() }
  for (const path of await pages()) {
    const look = async (who: Caller) => who.call('GET', path, undefined, { headers: { accept: 'text/html' } })
    const [hers, narrow, whole] = await Promise.all([asha, neema, juma].map(look))
    // An address that was typed stands in the page, whoever has it.
    if (!asksFor(path, SECRET)) assertSilent(t, `asha ${path}`, String(hers!.body), HIDDEN)
    if (!asksFor(path, OUTSIDE)) assertSilent(t, `neema ${path}`, String(narrow!.body), ELSEWHERE)
    for (const { body } of [hers!, narrow!, whole!]) t.notMatch(body, />(?:null|undefined|NaN)</, path)
    if (!asksFor(path, [...OUTSIDE, 'restricted'])) {
      t.equal(narrow!.status, 200, path)
      t.match(narrow!.body, /id="who">neema/, `${path} is theirs`)
      if (ELSEWHERE.test(String(whole!.body))) told.elsewhere.add(path)
    }
    if (HIDDEN.test(String(whole!.body))) told.restricted.add(path)
  }
  for (const [what, paths] of Object.entries(told))
    t.ok(paths.size >= 8, `what there was to see, ${what}: ${[...paths].join(', ')}`)
  const list = String((await asha.call('GET', '/institutions', undefined, { headers: { accept: 'text/html' } })).body)
  t.match(list, /Restricted institutions \(3\)/)
  t.notMatch(list, 'href="/institutions/restricted')
})

type Rows = { items: { id: string }[] }
const seenBy = async (who: Caller) => (await who.get<Rows>('/v1/institutions')).items.map(({ id }) => id)

t.test('who is cleared, or has them in their scope, sees them as any other', async (t) => {
  const all = INSTITUTIONS.filter((id) => id !== GONE)
  const open = all.filter((id) => !asksFor(id, SECRET))
  for (const who of [cleared, machine, mbeya]) t.same(await seenBy(who), all)
  for (const who of [viewer, everywhere]) t.same(await seenBy(who), [...open, 'restricted'])
  for (const role of ['operator', 'engineer', 'auditor'])
    t.same(await seenBy(await reader(`one-${role}`, [role])), all, role)
  t.same(await seenBy(await person('one-finance', ['finance'])), all, 'finance')
  const refused = await (await reader('scoped-auditor', ['auditor'], { regions: ['dodoma'] })).call('GET', '/v1/audit')
  t.equal(refused.status, 403, 'the trail cannot be shown in part')
})

t.test('who reads within a scope sees all of their own', async (t) => {
  const mine = ['chuo-dodoma', ...OPEN].sort()
  t.same(await seenBy(within), mine)
  const policy = await within.get<{ institutions: object; sites: object; tiers: object }>('/v1/policy')
  t.same(Object.keys(policy.institutions).sort(), mine)
  t.same(Object.keys(policy.tiers).sort(), ['basic', 'hospital'], 'what is common stays')
  t.equal(Object.keys(policy.sites).length, 3)
  type Own = { sites: { id: string; prefixes: string[] }[] }
  const [site] = (await within.get<Own>(`/v1/institutions/${OPEN[0]}`)).sites
  t.match(site, { id: `${OPEN[0]}.office`, prefixes: ['10.20.0.0/24'] })
  const edge = await within.get<{ sites: { institution: string }[] }>('/v1/edges/dodoma-1')
  t.same(edge.sites.map(({ institution }) => institution).sort(), mine)
  const explained = await within.get<{ sentence: { en: string } }>(`/v1/institutions/${OPEN[0]}/explain`)
  t.match(explained.sentence.en, /Dispensary zahanati-moja/)
  const overrides = await within.get<{ items: { patch: { on: object } }[] }>('/v1/overrides')
  t.same(
    overrides.items.map(({ patch }) => Object.keys(patch.on)[0]).sort(),
    ['institution', 'link', 'link', 'link'],
    'on their own, and on what is common',
  )
  type Month = { institutions: { institution: string; tiers: string[]; slots: number }[] }
  const { institutions } = await within.get<Month>(`/v1/ledger/${new Date().toISOString().slice(0, 7)}`)
  t.same(institutions.map(({ institution }) => institution).sort(), mine, 'also of a month')
  const schema = '/v1/policy/schema'
  t.same(await within.get(schema), await machine.get(schema), 'and what a policy may say')
  t.ok(institutions.every(({ tiers, slots }) => tiers.length > 0 && slots > 0))
  const csv = await within.call('GET', '/v1/policy/export/institutions', undefined, { headers: { accept: 'text/csv' } })
  t.equal(String(csv.body).trim().split('\r\n').length, 3, 'a head and their rows, but for one that names others')
})

t.test('a try and a refusal name nobody else either', async (t) => {
  const part = await within.call('GET', `/v1/policy/institutions/${OPEN[1]}`)
  const promoted = { ...(part.body as object), tier: 'hospital' }
  const tryIt = (who: Caller) =>
    who.call('PUT', `/v1/policy/institutions/${OPEN[1]}?dryRun=true`, promoted, { etag: part.etag })
  const tried = await tryIt(within)
  t.equal(tried.status, 200, JSON.stringify(tried.body).slice(0, 300))
  t.match(JSON.stringify((await tryIt(everywhere)).body), ELSEWHERE, 'who would lose')
  t.notMatch(JSON.stringify(tried.body), ELSEWHERE)
  // Not theirs to change, also not into what it is: it would say that they have guessed right.
  const theirs = await machine.get<{ tier: string }>(`/v1/policy/institutions/${FOREIGN[0]}`)
  const guess = [{ pointer: `/institutions/${FOREIGN[0]}/tier`, after: theirs.tier }]
  const long = [...Array(1_500).fill(guess[0]), { pointer: `/institutions/${OPEN[0]}/tier`, after: 'basic' }]
  const csv = `id,tier\r\n${FOREIGN[0]},${theirs.tier}\r\n`
  for (const answer of [
    await within.call('PUT', `/v1/policy/institutions/${FOREIGN[0]}?reason=x`, theirs),
    await within.call('POST', '/v1/policy/preview', { changes: guess }),
    await within.call('POST', '/v1/policy/preview', { changes: long }),
    await within.call('POST', '/v1/proposals?reason=x', { changes: guess }),
    await within.call('POST', '/v1/policy/import/institutions?dryRun=true', { csv }),
  ])
    t.equal(answer.status, 403, JSON.stringify(answer.body))
  const same = [{ pointer: `/institutions/${OPEN[0]}/tier`, after: 'basic' }]
  t.equal((await within.call('POST', '/v1/policy/preview', { changes: same })).status, 200, 'their own they may')
  // What somebody proposes for a site of theirs leaves them the site.
  const proposed = await machine.get<{ sites: Record<string, object> }>('/v1/policy')
  const office = `${OPEN[1]}.office`
  proposed.sites[office] = { ...proposed.sites[office], prefixes: ['10.21.0.0/24'] }
  await machine.post('/v1/proposals?reason=another+network', proposed)
  t.equal((await within.call('GET', `/v1/policy/sites/${office}`)).status, 200)
  const whatIf = await within.call('POST', `/v1/institutions/${OPEN[0]}/what-if`, { tier: 'hospital' })
  t.notMatch(JSON.stringify(whatIf.body), ELSEWHERE)
  t.equal((await within.call('POST', `/v1/institutions/${FOREIGN[0]}/what-if`, { tier: 'hospital' })).status, 404)
  // What they read back whole would take all others away; the refusal says how many, not who.
  const { body: whole, etag } = await within.call('GET', '/v1/policy')
  const put = (policy: unknown) => within.call('PUT', '/v1/policy?reason=x', policy, { etag })
  const invalid = await put(whole)
  t.match(invalid, { status: 422, body: { code: 'POLICY_INVALID', errors: [] } })
  t.match(
    JSON.stringify(invalid.body),
    /: 4 faults are about what you do not see\. Whoever .* sends its parts, or changes\."/,
  )
  const former = Object.fromEntries([...SECRET, CLOSED].map((id) => [id, { name: NOBODY, restricted: true }]))
  const refused = await put({ ...(whole as object), former })
  t.equal(refused.status, 403)
  for (const { body } of [invalid, refused]) t.notMatch(JSON.stringify(body), ELSEWHERE)
})

t.test('an event names none', async (t) => {
  const stop = new AbortController()
  const heard = await Promise.all(
    [viewer, within].map(async (who) => {
      const { body } = await fetch(`${url()}/v1/events`, { headers: who.headers, signal: stop.signal })
      const stream = { text: '', ended: Promise.resolve() }
      const read = async () => {
        for await (const chunk of body!) stream.text += Buffer.from(chunk).toString()
      }
      stream.ended = read().catch(() => undefined) // it is ended below
      return stream
    }),
  )
  const hour = { until: IN_AN_HOUR, reason: 'x' }
  for (const institution of [SECRET[2], FOREIGN[2], OPEN[1]])
    await machine.post('/v1/overrides', { ...hour, patch: { on: { institution }, tier: 'hospital' } })
  await until(() => heard.every(({ text }) => text.includes(OPEN[1])), 'what they see is told', 20)
  for (const [k, unseen] of [HIDDEN, ELSEWHERE].entries()) t.notMatch(heard[k]!.text, unseen)
  const part = await machine.call('GET', `/v1/policy/institutions/${OPEN[0]}`)
  const path = `/v1/policy/institutions/${OPEN[0]}?reason=x&confirmWithin=0`
  const changed = { ...(part.body as object), labels: { next: 'a revision' } }
  t.equal((await machine.call('PUT', path, changed, { etag: part.etag })).status, 200)
  await until(() => heard.every(({ text }) => text.includes('event: revision')), 'a revision is told', 20)
  for (const { text } of heard) t.notMatch(text, DIGEST)
  t.match(heard[0]!.text, FOREIGN[2], 'and the viewer sees what is not restricted')
  stop.abort()
  await Promise.all(heard.map(({ ended }) => ended))
})
