// Restricted institutions in the document: a policy without any is what it was, to the byte; what is restricted stays
// so in its files, in its heirs and after its end, and cannot be lost by leaving it out.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hashOf } from '../../src/policy/document/canonical.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { validateEdit } from '../../src/policy/document/validate-edit.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { institutionSheet } from '../../src/policy/files/tables.js'
import { type ImportRequest, planImport } from '../../src/policy/import/plan.js'
import { changeInWords } from '../../src/policy/revisions/change-words.js'
import { TAIFA } from '../harness/root.js'

const NOTHING: Omit<ImportRequest, 'csv'> = {
  ...{ kind: 'institutions', columns: {}, same: {}, defaults: {}, prune: false, scope: null },
}

function sound(input: unknown): PolicyDocument {
  const { document, faults } = validatePolicy(input)
  if (document === null) throw new Error(JSON.stringify(faults))
  return document
}

const taken = (document: PolicyDocument, csv: string, more: Partial<ImportRequest> = {}): PolicyDocument =>
  sound(planImport(document, { ...NOTHING, ...more, csv }).document)

function readBack(t: Test, document: PolicyDocument): PolicyDocument {
  const folder = join(t.testdir(), 'plane')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(planeFiles(document))) writeFileSync(join(folder, name), text)
  const { document: read, faults } = loadPlane(folder)
  if (read === null) throw new Error(JSON.stringify(faults))
  return read
}

const taifa = loadPlane(TAIFA).document!
const example = sound(EXAMPLE_POLICY)
const ID = 'chuo-dodoma'
const restricted = (document: PolicyDocument, id = ID, value = true): PolicyDocument =>
  sound({
    ...document,
    institutions: { ...document.institutions, [id]: { ...document.institutions[id]!, restricted: value } },
  })

t.test('a policy without any is what it was: its hash, its tables, its parsed members', async (t) => {
  t.equal(hashOf(taifa), 'sha256:b7629e81d3ebddaf1b2e8e313f7310b71322e15de6599fb99465ff97320a9ed5')
  t.equal(hashOf(example), 'sha256:4651f2af5b793c682ded720c00e241a122c92764f40f2b6bcd957c3ae2e72a79')
  const [head = ''] = institutionSheet(taifa).split('\r\n')
  t.notMatch(head, /restricted/)
  t.notOk(Object.values(taifa.institutions).some((institution) => 'restricted' in institution))
})

t.test('it is written to files and read back, also where somebody has said no', async (t) => {
  for (const value of [true, false]) {
    const document = restricted(example, ID, value)
    t.match(institutionSheet(document).split('\r\n')[0], /,restricted/)
    t.equal(hashOf(readBack(t, document)), hashOf(document))
    t.not(hashOf(document), hashOf(example))
  }
  t.match(validatePolicy({ ...example, former: { a: { name: { en: 'A', sw: 'A' }, restricted: true } } }).faults, [])
})

t.test('the id of the sum is nobody’s', async (t) => {
  const { institutions, sites } = example
  const [site] = Object.values(sites)
  const { faults } = validatePolicy({
    ...example,
    institutions: { ...institutions, restricted: institutions[ID] },
    sites: { ...sites, restricted: { ...site, institution: 'restricted', prefixes: ['10.99.0.0/24'], vlan: null } },
  })
  t.match(faults, [
    { code: 'RESERVED', pointer: '/institutions/restricted', message: /take another id/ },
    { code: 'RESERVED', pointer: '/sites/restricted', message: /take another id/ },
  ])
})

t.test('a sheet restricts, and lifts it by no alone; an empty cell says nothing', async (t) => {
  const is = (document: PolicyDocument): unknown => document.institutions[ID]!.restricted
  const secret = taken(example, `id,restricted\n${ID},ndiyo\n`)
  t.equal(is(secret), true)
  t.equal(is(taken(secret, `id,restricted\n${ID},\n`)), true)
  t.equal(is(taken(secret, `id,Yenye usiri\n${ID},hapana\n`)), false)
  t.equal(hashOf(taken(example, `id,restricted\n${ID},\n`)), hashOf(example))
})

t.test('what it is closed to, split into and merged into is restricted too', async (t) => {
  const secret = restricted(example)
  const others = Object.keys(secret.institutions).filter((id) => id !== ID)
  const [heir = ''] = others
  const closed = taken(secret, `id,closed\n${ID},yes\n`)
  t.match(closed.former?.[ID], { restricted: true, name: secret.institutions[ID]!.name })
  const pruned = taken(secret, `id\n${others.join('\n')}\n`, { prune: true })
  t.equal(pruned.former?.[ID]?.restricted, true)
  t.equal(taken(example, `id,closed\n${ID},yes\n`).former?.[ID]?.restricted, undefined)
  t.equal(hashOf(readBack(t, closed)), hashOf(closed))
  const merged = taken(secret, `id,merged_into\n${ID},${heir}\n`)
  t.match(merged.institutions[heir], { from: [ID], restricted: true })
  const { category, region, tier } = secret.institutions[ID]!
  const [{ edge }] = Object.values(secret.sites) as [PolicyDocument['sites'][string]]
  const part = (said: string): PolicyDocument => {
    const place = `${edge},10.77.0.0/24,20Mbps`
    const head = 'id,name,split_from,category,region,tier,internet,govnet,edge,prefixes,down,restricted'
    return taken(secret, `${head}\nsehemu,Sehemu,${ID},${category},${region},${tier},yes,no,${place},${said}`)
  }
  t.equal(part('').institutions.sehemu?.restricted, true)
  t.equal(part('no').institutions.sehemu?.restricted, false, 'unless its row says no')
})

t.test('it cannot be lost by leaving it out: what is not named must be written', async (t) => {
  const secret = restricted(example)
  const without = <T>(members: Readonly<Record<string, T>>, goes: (id: string, member: T) => boolean) =>
    Object.fromEntries(Object.entries(members).filter(([id, member]) => !goes(id, member)))
  const institutions = without(secret.institutions, (id) => id === ID)
  const sites = without(secret.sites, (_, { institution }) => institution === ID)
  const { agreements: _, ...rest } = secret
  const gone = { ...rest, institutions, sites, tests: {} }
  t.match(validateEdit(secret, { whole: gone }), {
    document: null,
    faults: [{ code: 'RESTRICTED', pointer: `/former/${ID}` }],
  })
  const { name } = secret.institutions[ID]!
  const kept = (member: object) => ({ ...gone, former: { ...rest.former, [ID]: { name, ...member } } })
  t.match(validateEdit(secret, { whole: kept({}) }), { document: null }, 'nor by forgetting to say so of the former')
  const closed = validateEdit(secret, { whole: kept({ restricted: true }) })
  t.ok(closed.document, JSON.stringify(closed))
  t.ok(validateEdit(secret, { whole: kept({ restricted: false }) }).document, 'it may be lifted')
  if (closed.document === null) return
  const forgotten = validateEdit(closed.document, { changes: [{ pointer: `/former/${ID}` }] })
  t.match(forgotten, { document: null, faults: [{ code: 'RESTRICTED' }] })
  const lifted = validateEdit(secret, { changes: [{ pointer: `/institutions/${ID}/restricted`, after: false }] })
  t.ok(lifted.document)
})

t.test('whoever is made of it by hand says whether it is restricted too', async (t) => {
  const secret = restricted(example)
  const [heir = ''] = Object.keys(secret.institutions).filter((id) => id !== ID)
  const edit = (more: object) => {
    const after = { ...secret.institutions[heir]!, from: [ID], ...more }
    return validateEdit(secret, { changes: [{ pointer: `/institutions/${heir}`, after }] })
  }
  t.match(edit({}), { faults: [{ code: 'RESTRICTED', pointer: `/institutions/${heir}/restricted` }] })
  for (const value of [true, false]) t.ok(edit({ restricted: value }).document)
  const { document } = edit({ restricted: false })
  const later = { pointer: `/institutions/${heir}`, after: { ...document!.institutions[heir]!, tier: 'basic' } }
  t.ok(validateEdit(document!, { changes: [later] }).document, 'and is not asked again')
})

t.test('the change is told in words', async (t) => {
  const change = { pointer: `/institutions/${ID}/restricted`, after: true }
  t.match(changeInWords(change, example).en, /institution chuo-dodoma \(.*\), restricted: seen in a sum: not set → yes/)
})
