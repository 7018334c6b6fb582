// The working day of policy control: what is hurt is seen before it happens, what fails is stopped, what needs two
// people needs two, and many edit at once.

import t from 'tap'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import { readSheet } from '../../../src/runtime/sheet.js'
import {
  asha,
  hasCeiling,
  hourIn,
  INSTITUTIONS,
  juma,
  M,
  MUHIMBILI,
  machine,
  neema,
  type Person,
  part,
  revisionNow,
  SCHOOLS,
  sheetOf,
  zawadi,
} from './day.js'

const SLIP = 'Muhimbili Natl Hosp Upanga;hospital;Dar es Salaam;hospital-national;ndiyo;ndiyo;;dar-1;10.3.1.0/25;20'

t.test('ten institutions come in from a spreadsheet, none until all can', async (t) => {
  const path = '/v1/policy/import/institutions?reason=vyuo'
  const refused = await juma.call('POST', path, { csv: sheetOf(SLIP) })
  t.match(refused, { status: 422, body: { code: 'POLICY_INVALID', detail: /^1 row cannot be taken/ } })
  const { header, rows } = readSheet(refused.body.sheet)
  t.equal(header.at(-1), 'error')
  t.match(rows.at(-1)?.cells.at(-1), /is this hosp-mnh-upanga \("Muhimbili National Hospital, Upanga"\)/)
  t.equal(await revisionNow(), 1)
  const dry = await juma.call('POST', `${path}&dryRun=true`, { csv: sheetOf('') })
  t.match(dry, { status: 200, body: { revision: 2, import: { counts: { new: 10, changed: 0, same: 0 } } } })
  t.equal(dry.body.import.missing.length, INSTITUTIONS)
  const made = await juma.call('POST', `${path}&confirmWithin=0`, { csv: sheetOf('') })
  t.match(made, { status: 200, body: { revision: 2, confirmBy: null, import: { counts: { new: 10 } } } })
  const again = await juma.call('POST', path, { csv: sheetOf('') })
  t.match(again, { status: 200, body: { revision: 2, base: 2, import: { counts: { new: 0, same: 10 } } } })
  await machine.until('/v1/status', ({ revision }) => revision === 2, 'it is in force')
  await hasCeiling(SCHOOLS[0]!, 100 * M, 'their flows')
  t.equal((await part(juma, `institutions/${SCHOOLS[3]}`)).body.labels.mkataba, 'MK-3')
})

const dearer = { changes: SCHOOLS.map((id) => ({ pointer: `/institutions/${id}/tier`, after: 'national' })) }

t.test('a tier change is previewed: who gains, who loses, in which demand; a test stops the slip in it', async (t) => {
  const slip = { pointer: `/institutions/${MUHIMBILI}/tier`, after: 'office' }
  const { status, body } = await juma.call('POST', '/v1/policy/preview', { changes: [...dearer.changes, slip] })
  t.equal(status, 200)
  const { losers, totals } = body.impact.allAtCeiling!
  t.ok(totals.gainers >= SCHOOLS.length, 'the ten gain')
  const losing = losers.map(({ institution }) => institution)
  t.ok(losing.includes(MUHIMBILI))
  t.ok(
    losing.some((id) => id !== MUHIMBILI && !SCHOOLS.includes(id)),
    'others lose to the ten',
  )
  t.same(
    body.tests.failed.map(({ test }) => test),
    ['hospitals-keep-their-promise', 'muhimbili-on-an-ordinary-day'],
  )
  const { body: present, etag } = await part(juma, `institutions/${MUHIMBILI}`)
  const stopped = await juma.call('PUT', `/v1/policy/institutions/${MUHIMBILI}?reason=x`, slipOf(present), { etag })
  t.match(stopped, { status: 422, body: { code: 'TESTS_FAILED', detail: /hosp-mnh-upanga, internet down: expected/ } })
  t.ok(stopped.body.errors.some(({ pointer }) => pointer === '/tests/muhimbili-on-an-ordinary-day'))
  t.equal(await revisionNow(), 2, 'a refusal changes nothing')
  const good = (await juma.call('POST', '/v1/policy/preview', dearer)).body
  t.same(good.tests.failed, [], 'without the slip')
  t.equal(good.impact.busyHour!.totals.guaranteesBroken, 0)
  const whatIf = await juma.call('POST', `/v1/institutions/${SCHOOLS[0]}/what-if`, { tier: 'national' })
  t.match(whatIf, { status: 200, body: { impact: { allAtCeiling: { gainers: [{ institution: SCHOOLS[0] }] } } } })
})

export const slipOf = (present: object) => ({ ...present, tier: 'office' })

t.test('a change that is confirmed stays, and is told as what it is; rolled back, it is undone', async (t) => {
  const { body: present, etag } = await part(juma, `institutions/${SCHOOLS[0]}`)
  const path = `/v1/policy/institutions/${SCHOOLS[0]}?reason=more&confirmWithin=60`
  const next = { ...present, tier: 'national' }
  t.equal((await juma.call('PUT', path, next)).status, 428, 'not without an ETag')
  const { status, body } = await juma.call('PUT', path, next, { etag })
  t.equal(status, 200)
  const { revision } = body
  t.match(body, { base: revision - 1, needsApproval: false, tests: { passed: Number } })
  t.same(body.tests.failed, [])
  t.match((await juma.get('/v1/policy/revisions')).items[0], { revision, waits: true })
  const other = await part(juma, `institutions/${SCHOOLS[1]}`)
  const second = { ...other.body, tier: 'national' }
  t.match(await juma.call('PUT', path.replace(SCHOOLS[0]!, SCHOOLS[1]!), second, { etag: other.etag }), {
    status: 409,
    body: { code: 'CONFIRM_PENDING' },
  })
  const look = { changes: [{ pointer: `/institutions/${SCHOOLS[1]}/tier`, after: 'national' }] }
  t.equal((await juma.call('POST', '/v1/policy/preview', look)).status, 200, 'who only looks need not wait')
  t.match(await juma.call('POST', `/v1/policy/revisions/${revision}/confirm`), { status: 200 })
  t.match(await juma.call('POST', `/v1/policy/revisions/${revision}/confirm`), { status: 412 })
  const diff = await juma.get(`/v1/policy/revisions/${revision}/diff?against=${revision - 1}`)
  t.same(diff.changes, [{ pointer: `/institutions/${SCHOOLS[0]}/tier`, before: 'agency', after: 'national' }])
  const rollback = (to: number) => juma.call('POST', `/v1/policy/revisions/${to}/rollback?reason=back`)
  t.match(await rollback(revision), {
    status: 400,
    body: { detail: /is the one in force: rolling back to it would change nothing/ },
  })
  t.match(await rollback(revision - 1), { status: 200, body: { revision: revision + 1 } })
  t.equal((await part(juma, `institutions/${SCHOOLS[0]}`)).body.tier, 'agency')
})

t.test('of two at once, the one that waits for its hour does not undo the other then', async (t) => {
  const { body, etag } = await juma.call('GET', '/v1/policy')
  const policy = body as unknown as PolicyDocument
  const other = structuredClone(policy)
  other.plane.name.en = `${other.plane.name.en} of today`
  const [made, late] = await Promise.all([
    juma.call('PUT', '/v1/policy?reason=x&confirmWithin=0', other, { etag }),
    juma.call('PUT', `/v1/policy?reason=x&effectiveAt=${hourIn(3_600_000)}`, policy, { etag }),
  ])
  t.equal(made.status, 200)
  // Whichever was taken up first: what it is made on has changed, or it changes nothing.
  t.ok(late.status === 412 || late.status === 400, `${late.status}`)
  const stale = await juma.call('PUT', `/v1/policy?reason=x&effectiveAt=${hourIn(3_600_000)}`, policy, { etag })
  t.equal(stale.status, 412, 'and whoever comes later is refused')
  other.plane.name.en = 'another'
  const again = await juma.call('PUT', '/v1/policy?reason=x', other, { etag })
  t.match(again, { status: 412, body: { conflict: { known: true } } }, 'the second of two people is told')
  t.same(again.body.conflict!.both, ['/plane/name/en'])
})

const CEILING = '/tiers/agency/services/internet/down/ceiling'

t.test('guards ask for a second person, who is not the first', async (t) => {
  const guard = { name: { en: 'Tiers', sw: 'Ngazi' }, touches: ['/institutions', '/tiers'] }
  t.equal((await neema.call('PUT', '/v1/policy/guards/tiers?reason=four+eyes', guard)).status, 200)
  t.match(await neema.call('PUT', `/v1/policy/institutions/${SCHOOLS[0]}?reason=x`, {}, { etag: '*' }), {
    status: 422,
    body: { code: 'POLICY_INVALID' },
  })
  const sheet = { csv: sheetOf('').replace('MK-0', 'MK-99') }
  const imported = '/v1/policy/import/institutions?reason=x'
  t.match(await juma.call('POST', imported, sheet), { status: 409, body: { code: 'APPROVAL_REQUIRED' } })
  const asked = await juma.call('POST', `${imported}&propose=true`, sheet)
  t.match(asked, { status: 201, body: { proposal: { state: 'open' }, import: { counts: { changed: 1, same: 9 } } } })
  await juma.post(`/v1/proposals/${asked.body.proposal.id}/reject?reason=another+day`)

  const { body: tier, etag } = await part(juma, 'tiers/agency')
  tier.services.internet!.down.ceiling = 110 * M
  const refused = await neema.call('PUT', '/v1/policy/tiers/agency?reason=more', tier, { etag })
  t.match(refused, { status: 409, body: { code: 'APPROVAL_REQUIRED' } })
  const ready = refused.body.proposal
  t.same(ready, { changes: [{ pointer: CEILING, after: 110 * M }] }, 'ready to be proposed')
  const unguarded = { changes: [{ pointer: '/guards', after: {} }] }
  t.match(await neema.call('POST', '/v1/policy/preview', unguarded), { body: { needsApproval: true } }, 'no way round')

  const proposal = await neema.call('POST', '/v1/proposals?reason=more', ready)
  t.match(proposal, { status: 201, body: { state: 'open', author: 'neema', guards: ['tiers'] } })
  const path = `/v1/proposals/${proposal.body.id}`
  const seenOn = await revisionNow()
  t.match(await asha.get(path), {
    ...{ state: 'open', author: 'neema', reason: 'more', guards: ['tiers'], seenOn, stale: null, whyStale: null },
    words: [{ en: /^tier agency \(.*\), services, Internet, download, ceiling: 100 Mbit\/s → 110 Mbit\/s$/ }],
    preview: { tests: { failed: [] }, impact: { allAtCeiling: { institutions: { losers: Array }, totals: Object } } },
  })
  t.equal((await asha.call('GET', '/v1/proposals/p-nothing')).status, 404)
  const same = { changes: [{ pointer: CEILING, after: 100 * M }] }
  t.match(await neema.call('POST', '/v1/proposals?reason=same', same), {
    status: 400,
    body: { detail: /^This changes nothing: revision \d+, which is in force, says the same/ },
  })
  t.match(await neema.call('POST', `${path}/commit`), {
    status: 409,
    body: { code: 'APPROVAL_REQUIRED', detail: /waits for a second person: tiers/ },
  })
  t.match(await neema.call('POST', `${path}/approve`), { status: 403, body: { code: 'SELF_APPROVAL' } })
  t.equal((await juma.call('POST', `${path}/approve`)).status, 403, 'an operator is no approver')
  t.equal((await asha.call('POST', `${path}/approve`)).status, 403, 'nor is the administrator, where there are guards')

  // Somebody else changes another place meanwhile: the approval is for the change, not for the revision.
  const site = await part(juma, `sites/${MUHIMBILI}.office`)
  const labelled = { ...site.body, labels: { contract: '12' } }
  const labels = `/v1/policy/sites/${MUHIMBILI}.office?reason=x`
  t.equal((await juma.call('PUT', labels, labelled, { etag: site.etag })).status, 200)
  t.match(await zawadi.call('POST', `${path}/approve?seenOn=${seenOn}`), {
    status: 409,
    body: { code: 'PROPOSAL_STALE', detail: new RegExp(`on revision ${seenOn}, and ${seenOn + 1} is in force`) },
  })
  t.match(await zawadi.call('POST', `${path}/approve`), {
    status: 200,
    body: { state: 'approved', approvedBy: 'zawadi' },
  })
  const done = await neema.call('POST', `${path}/commit?confirmWithin=0`)
  t.match(done, { status: 200, body: { revision: seenOn + 2 } })
  t.match((await juma.get('/v1/policy/revisions')).items[0], { author: 'neema', approvedBy: 'zawadi' })
  t.match(await neema.call('POST', `${path}/commit`), { status: 409, body: { code: 'PROPOSAL_STALE' } })
  t.equal((await part(juma, 'tiers/agency')).body.services.internet!.down.ceiling, 110 * M)
})

t.test('of two proposals for one place the later one is void; a guard goes as it came, in its hour', async (t) => {
  const propose = (person: Person, change: object, when = '') =>
    person.post(`/v1/proposals?reason=x${when}`, { changes: [change] }).then(({ id }) => `/v1/proposals/${id}`)
  const late = await propose(juma, { pointer: CEILING, after: '120Mbps' })
  const rival = await propose(neema, { pointer: CEILING, after: '100Mbps' })
  await zawadi.post(`${rival}/approve`)
  t.equal((await neema.call('POST', `${rival}/commit?confirmWithin=0`)).status, 200)
  const touched = {
    stale: /has been changed since revision/,
    whyStale: { code: 'TOUCHED', place: CEILING, since: Number },
  }
  t.match(await asha.get(late), touched)
  t.match(await zawadi.call('POST', `${late}/approve`), { body: { code: 'PROPOSAL_STALE' } })
  t.match((await asha.get('/v1/proposals?state=void')).items, [{ id: late.split('/').at(-1) }])

  const removed = await propose(neema, { pointer: '/guards/tiers' }, `&effectiveAt=${hourIn(1_000)}`)
  t.match(await neema.get(removed), { state: 'open', guards: ['tiers'], effectiveAt: /Z$/ })
  t.match(await zawadi.call('POST', `${removed}/approve`), { status: 200, body: { approvedBy: 'zawadi' } })
  await neema.until(removed, ({ state }) => state === 'committed', 'it is made by itself')
  t.match((await juma.get('/v1/policy/revisions')).items[0], { author: 'neema', approvedBy: 'zawadi' })
})

t.test('edits of six parts at once: nobody is refused, revisions have no gap', async (t) => {
  const before = await revisionNow()
  const ids = SCHOOLS.slice(0, 6).map((id) => `institutions/${id}`)
  const parts = await Promise.all(ids.map((id) => part(juma, id)))
  const write = (k: number, body: object, etag = parts[k]!.etag) =>
    [juma, neema][k % 2]!.call('PUT', `/v1/policy/${ids[k]}?reason=label`, body, { etag })
  const answers = await Promise.all(parts.map(({ body }, k) => write(k, { ...body, labels: { ticket: `T-${k}` } })))
  t.same([...new Set(answers.map(({ status }) => status))], [200])
  t.same(
    answers.map(({ body }) => body.revision).sort((a, b) => a - b),
    ids.map((_, k) => before + 1 + k),
  )
  const pointer = `/institutions/${SCHOOLS[0]}/labels/ticket`
  const stale = await write(0, parts[0]!.body)
  t.equal(stale.status, 412, 'the same part twice')
  const { known, theirs, yours, both } = stale.body.conflict!
  t.same({ known, yours, both }, { known: true, yours: [], both: [] })
  t.match(
    theirs.find((one) => one.pointer === pointer),
    { pointer, after: 'T-0' },
  )
  const mine = { ...parts[0]!.body, labels: { ticket: 'mine' }, tier: 'national' }
  const clash = (await write(0, mine)).body.conflict!
  t.ok(clash.both.includes(pointer))
  t.ok(clash.yours.length >= 2, `${clash.yours.length} places are ours`)
  const unknown = await write(0, mine, '"sha256:0"')
  t.equal(unknown.status, 412)
  t.match(unknown.body.conflict, { known: false })
  t.same(unknown.body.conflict!.theirs, [])

  const { body, etag } = await part(juma, ids[5]!)
  const last = await revisionNow()
  const writers = Array.from({ length: 20 }, (_, k) => write(5, { ...body, labels: { writer: `${k}` } }, etag))
  const race = await Promise.all(writers)
  t.equal(race.filter(({ status }) => status === 200).length, 1, 'of twenty at one part one wins')
  t.same(new Set(race.map(({ status }) => status)), new Set([200, 412]))
  t.equal(await revisionNow(), last + 1, 'the others made none')
})
