// The sight of a scope, by itself: what of an answer names somebody else, in whichever place and spelling.

import t from 'tap'
import { ScopedSight } from '../../src/api/scoped-sight.js'
import { knownIn, WhoIsWho } from '../../src/api/who-is-who.js'

const name = (en: string) => ({ name: { en, sw: en } })
const index = new WhoIsWho(
  {
    institutions: { zahanati: name('Dispensary'), 'zahanati-nida': name('Clinic of Identity'), nida: name('Identity') },
    sites: { 'zahanati.office': { institution: 'zahanati' }, 'nida-hq': { institution: 'nida' } },
    former: { 'shule-ya-zamani': name('Old School') },
  },
  ['wakala-osha'],
)
const proposed = new WhoIsWho(
  knownIn([
    { pointer: '/institutions/ubalozi', after: name('New Embassy') },
    { pointer: '/sites/ubalozi.gate', after: { institution: 'ubalozi' } },
    { pointer: '/institutions/zahanati/name/en', after: 'Dispensary' },
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
})
