// The sight of a scope, by itself: what of an answer names somebody else, in whichever place and spelling.

import t from 'tap'
import { ScopedSight } from '../../src/api/scoped-sight.js'
import { knownIn, WhoIsWho } from '../../src/api/who-is-who.js'

const name = (en: string) => ({ name: { en, sw: en } })
const index = new WhoIsWho(
  {
    institutions: { zahanati: name('Dispensary'), 'zahanati-nida': name('Clinic of Identity'), nida: name('Identity') },
    sites: {
      ...{ 'zahanati.office': { institution: 'zahanati' }, 'zahanati.store': { institution: 'zahanati' } },
      'nida-hq': { institution: 'nida' },
    },
    former: { 'shule-ya-zamani': name('Old School') },
  },
  ['wakala-osha'],
)
const proposed = new WhoIsWho(
  knownIn([
    { pointer: '/institutions/ubalozi', after: name('New Embassy') },
    { pointer: '/sites/ubalozi.gate', after: { institution: 'ubalozi' } },
    { pointer: '/institutions/zahanati/name/en', after: 'Dispensary' },
    // Of what is there already the policy says whose it is, whatever is proposed for it.
    { pointer: '/sites/zahanati.office/prefixes', after: ['10.0.0.0/24'] },
    { pointer: '/sites/zahanati.store' },
    { pointer: '/institutions/office', after: name('Office of') },
    { pointer: '/sites/store', after: { institution: 'office' } },
  ]),
)
const sight = new ScopedSight(index, new Set(['zahanati', 'zahanati-nida']), () => proposed)
const seen = (answer: unknown, drafts = false, actor = '') => sight.of({ answer }, drafts, actor) as { answer: unknown }

t.test('a name inside a word is a mention, and one’s own longer name is none', async (t) => {
  for (const text of ['mizani-nida-internet', 'nida-gw', 'the line nida-hq', 'a new embassy', 'wakala-osha is closed'])
    t.equal(seen(text).answer, '…', text)
  for (const text of ['zahanati-nida', 'access.zahanati.office.down', 'clinic of identity', 'zahanati', 'nidam', '-'])
    t.equal(seen(text).answer, text)
  t.equal(seen('ubalozi', true).answer, 'ubalozi', 'what is proposed is theirs who propose it')
})

t.test('what others propose hides nothing that is one’s own', async (t) => {
  for (const id of ['zahanati.office', 'access.zahanati.office.down', 'zahanati.store', 'mizani-zahanati.store-gw'])
    t.notOk(sight.mentions(id), id)
  for (const id of ['office', 'ubalozi.gate', 'x.office', 'the store']) t.ok(sight.mentions(id), id)
  const sites = { 'zahanati.office': { institution: 'zahanati' }, 'zahanati.store': { institution: 'zahanati' } }
  t.strictSame(seen({ sites }).answer, { sites })
  t.notOk(sight.hidesPart('sites', 'zahanati.office', sites['zahanati.office']))
  t.ok(sight.hidesPart('sites', 'nida-hq', { institution: 'nida' }))
  t.ok(sight.hidesPart('tests', 'a-test', { flow: 'nida/internet/down' }))
})

t.test('what an envelope shares out is a sum, also where its name is like that of a flow', async (t) => {
  const rows = [{ id: 'envelope.elimu/internet/down', envelope: 'elimu', members: 2 }]
  t.strictSame(seen(rows).answer, rows)
  t.strictSame(seen([{ id: 'elimu/internet/down', envelope: null }]).answer, [], 'of an institution that nobody knows')
})

t.test('rows of institutions are not keyed by ids, as those of a policy are', async (t) => {
  const rows = [
    { institution: 'zahanati', tiers: ['basic'], used: 7 },
    { institution: 'nida', tiers: ['basic'], used: 8 },
  ]
  t.strictSame(seen({ institutions: rows }).answer, { institutions: [rows[0]] })
  t.strictSame(seen({ institutions: ['zahanati', 'nida', 'wakala-osha'] }).answer, { institutions: ['zahanati'] })
  const members = { zahanati: { tier: 'basic' }, nida: { tier: 'basic' } }
  t.strictSame(seen({ institutions: members }).answer, { institutions: { zahanati: members.zahanati } })
})

t.test('a sentence that names others is left out of a list, in both languages', async (t) => {
  const steps = [
    { en: 'zahanati asks for more', sw: 'zahanati inaomba zaidi' },
    { en: 'Also here: Identity', sw: 'Wengine hapa: Identity' },
  ]
  t.strictSame(seen({ steps, sentence: steps[1] }).answer, { steps: [steps[0]], sentence: { en: '…', sw: '…' } })
})

t.test('a contract of lines of others alone is theirs, one of links everybody’s', async (t) => {
  const contract = (...links: string[]) => ({ provider: 'Mtandao Ltd', links })
  const contracts = { theirs: contract('nida-hq'), own: contract('zahanati.office'), all: contract('dodoma-mbeya') }
  t.strictSame(seen({ contracts }).answer, { contracts: { own: contracts.own, all: contracts.all } })
  t.ok(sight.hidesPart('contracts', 'theirs', contracts.theirs))
  const month = [
    { contract: 'theirs', lines: ['nida-hq'] },
    { contract: 'all', lines: ['dodoma-mbeya'] },
  ]
  t.strictSame(seen({ month }).answer, { month: month.slice(1) })
})

t.test('a name of one’s own hides none of others: it ends where a word does, and may be theirs as well', async (t) => {
  const known = { kituo: name('Kituo A'), arusha: name('Arusha'), dodoma: name('Dodoma Post'), mine: name('Post') }
  const posts = { institutions: { ...known, other: name('Post') }, sites: {} }
  const sight = new ScopedSight(new WhoIsWho(posts), new Set(['kituo', 'mine']), () => new WhoIsWho({ ...posts }))
  for (const text of ['Kituo Arusha', 'Kituo A, Arusha', 'Kituo A-arusha', 'dodoma post', 'Dodoma Posts'])
    t.ok(sight.mentions(text), text)
  for (const text of ['Kituo A', 'Kituo A.', 'at Kituo A: closed', 'post']) t.notOk(sight.mentions(text), text)
})

t.test('keys of maps are names like others', async (t) => {
  const short = {
    ...{ 'access.nida-hq.down': 1, 'access.zahanati.office.up': 2, 'access.nobody.up': 3, 'dodoma-mbeya.down': 4 },
    ...{ 'nida/internet/down': 5, 'zahanati/internet/down@dodoma-1': 6, 'unmapped/internet/down': 7 },
    ...{ '/sites/nobody': 8, 'Old School': 9, limitedBy: 10 },
  }
  const kept = { 'access.zahanati.office.up': 2, 'dodoma-mbeya.down': 4, 'zahanati/internet/down@dodoma-1': 6 }
  t.strictSame(seen({ short }).answer, { short: { ...kept, 'unmapped/internet/down': 7, limitedBy: 10 } })
  t.strictSame(seen({ links: short }).answer, {
    links: { ...kept, 'unmapped/internet/down': 7, 'Old School': 9, limitedBy: 10 },
  })
})

t.test('what an institution was made from, and of whom nothing is known any more', async (t) => {
  const from = ['nida', 'shule-ya-zamani', 'wakala-osha', 'nobody']
  t.strictSame(seen({ id: 'zahanati', from }).answer, { id: 'zahanati' })
  t.strictSame(seen({ id: 'transit-a', from: 'nida' }).answer, { id: 'transit-a', from: 'nida' }, 'a node')
  t.strictSame(seen({ from: ['nida', 'zahanati'] }).answer, { from: ['zahanati'] })
  const gone = { pointer: '/sites/wakala-osha.office', before: { institution: 'wakala-osha' } }
  const rows = [gone, { pointer: '/sites/nobody' }, { site: 'nobody', rate: 1 }, { pointer: '/sites/zahanati.office' }]
  t.strictSame(seen(rows).answer, [{ pointer: '/sites/zahanati.office' }])
  const old = { 'a-gone': { institution: 'zahanati' }, 'b-gone': { institution: 'wakala-osha' }, 'c-gone': 1 }
  t.strictSame(seen({ sites: old }).answer, { sites: { 'a-gone': { institution: 'zahanati' } } })
})

t.test('of a proposal about others nothing is seen, and of one’s own everything', async (t) => {
  const proposal = (author: string, reason: string) => ({
    ...{ id: 'p-1', author, reason },
    changes: [{ pointer: '/institutions/ubalozi', after: name('New Embassy') }],
  })
  const rows = [proposal('juma', 'a reason'), proposal('asha', 'for the New Embassy')]
  t.strictSame(
    seen(rows, false, 'asha').answer,
    [{ ...rows[1], reason: '…' }].map((row) => ({ ...row, reason: rows[1]!.reason })),
  )
  t.same(
    rows.map((row) => sight.hides(row, 'asha')),
    [true, false],
  )
  const record = (author: string) => ({ id: 'p-1', author, changes: '[{"pointer":"/institutions/ubalozi"}]' })
  t.ok(sight.hidesRecord(record('juma'), 'asha'))
  t.notOk(sight.hidesRecord(record('asha'), 'asha'), 'in a sheet as well')
})
