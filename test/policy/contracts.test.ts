// Contracts, agreements and sharing rules: what they name is there, nothing is paid for or promised twice at a time,
// and none of them has a field for money.

import t from 'tap'
import { type PolicyDocument, policySchema } from '../../src/policy/document/document.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import type { Tree } from '../../src/runtime/json.js'

const parts = (part: 'contracts' | 'agreements' | 'sharing') => EXAMPLE_POLICY[part] as Record<string, Tree>

function faultsWith(part: 'contracts' | 'agreements' | 'sharing', members: Record<string, Tree>): string[] {
  const input = { ...EXAMPLE_POLICY, [part]: { ...parts(part), ...members } }
  return validatePolicy(input).faults.map(({ pointer, message }) => `${pointer}: ${message}`)
}

const contract = parts('contracts')['transit-2026']!
const agreement = parts('agreements')['mk-7']!
const rule = parts('sharing')['half-and-half']!

t.test('every name leads somewhere, dates are in order, a rule makes a whole', async (t) => {
  t.same(faultsWith('contracts', { 'transit-2026': { ...contract, links: ['sea-cable', 'hosp-mbeya.office'] } }), [])
  const wrong = { links: ['transit-z'], services: ['radio'], sharing: 'none', timezone: 'Mars', committed: '2Gbps' }
  t.same(faultsWith('contracts', { 'transit-2026': { ...contract, ...wrong, from: '2029-01-01' } }), [
    '/contracts/transit-2026/links/0: unknown link, group or site "transit-z"; did you mean "transit-a"?',
    '/contracts/transit-2026/services/0: unknown service "radio"; known: internet',
    '/contracts/transit-2026/sharing: unknown sharing rule "none"; known: half-and-half',
    '/contracts/transit-2026/timezone: unknown time zone "Mars"',
    '/contracts/transit-2026/committed: expected no more than the capacity that may be used',
    '/contracts/transit-2026/until: expected 2029-01-01 or later, found 2028-12-31',
  ])
  t.same(faultsWith('agreements', { 'mk-7': { ...agreement, institution: 'nobody', tier: 'gold', services: ['x'] } }), [
    '/agreements/mk-7/institution: unknown institution "nobody"; known: chuo-dodoma, hosp-mbeya, shule-ya-zamani',
    '/agreements/mk-7/tier: unknown tier "gold"; known: basic, hospital',
    '/agreements/mk-7/services/0: unknown service "x"; known: internet',
  ])
  const half = { by: 'promise', share: 0.5 }
  t.same(
    faultsWith('sharing', { twice: { ...rule, parts: [half, half, { by: 'volume', share: 0.1 }], free: undefined } }),
    [
      '/sharing/twice/parts: expected shares that sum to 1, found 1.1',
      '/sharing/twice/parts/1/by: "promise" is there already',
    ],
  )
  t.match(
    faultsWith('contracts', { 'transit-2026': { ...contract, percent: 95.25 } })[0],
    /expected one decimal at most/,
  )
})

t.test('no line is paid for twice at a time, and nobody has two agreements on one thing', async (t) => {
  const next = { ...contract, links: ['sea-cable'], from: '2028-12-31', until: null }
  t.same(faultsWith('contracts', { next }), [
    '/contracts/next/links: "transit-a" is paid for by contract "transit-2026" at the same time',
  ])
  t.same(faultsWith('contracts', { next: { ...next, from: '2029-01-01' } }), [])
  const long = { ...contract, until: null }
  const later = { ...contract, from: '2030-01-01', until: '2030-02-01' }
  t.same(faultsWith('contracts', { 'transit-2026': long, later }).length, 1, 'also long after one that has no end')
  t.same(faultsWith('agreements', { second: { ...agreement, from: '2027-06-30', until: null } }), [
    '/agreements/second/services: agreement "mk-7" is about internet at the same time',
  ])
})

t.test('there is no place for a price', async (t) => {
  const faults = faultsWith('contracts', { 'transit-2026': { ...contract, price: '12000' } })
  t.match(faults[0], /price/, 'a field that nobody knows is refused')
  const document: PolicyDocument = policySchema.parse(EXAMPLE_POLICY)
  const { contracts: _c, agreements: _a, sharing: _s, ...without } = EXAMPLE_POLICY
  t.notOk('contracts' in policySchema.parse(without), 'what was written without them stays the same')
  t.equal(document.contracts!['transit-2026']!.committed, 400_000_000)
})
