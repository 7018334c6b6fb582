// Sheets of institutions and sites: what people's spreadsheets really look like is understood, what is unclear is asked
// about, what is wrong comes back in the sheet itself, and what was written is read back without loss.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { writeRate } from '../../src/model/units.js'
import { warningsOf } from '../../src/policy/compile/compile.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { EMPTY_PLANE } from '../../src/policy/files/empty-plane.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { institutionSheet, siteSheet } from '../../src/policy/files/tables.js'
import { idFrom, NameBook } from '../../src/policy/import/names.js'
import { type ImportPlan, ImportRefused, type ImportRequest, planImport } from '../../src/policy/import/plan.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { decodeText, keepingRecords, readSheet, writeSheet } from '../../src/runtime/sheet.js'

function planeIn(t: Test, files: Readonly<Record<string, string>> = EMPTY_PLANE): PolicyDocument {
  const folder = join(t.testdir(), 'plane')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const { document, faults } = loadPlane(folder)
  if (document === null) throw new Error(JSON.stringify(faults))
  return document
}

const NOTHING: Omit<ImportRequest, 'csv'> = {
  ...{ kind: 'institutions', columns: {}, same: {}, defaults: {}, prune: false, scope: null },
}

/** The policy after a sheet was taken. */
function taken(document: PolicyDocument, csv: string, more: Partial<ImportRequest> = {}) {
  const plan = planImport(document, { ...NOTHING, ...more, csv })
  const { document: next, faults } = validatePolicy(plan.document)
  if (next === null) throw plan.refusal(faults)
  return { plan, next, verdicts: plan.rows.map(({ id, verdict }) => `${verdict} ${id}`) }
}

/** Why it was not: the cells of the column `error`. */
function refusalOf(document: PolicyDocument, csv: string, more: Partial<ImportRequest> = {}): ImportRefused {
  try {
    taken(document, csv, more)
  } catch (error) {
    if (error instanceof ImportRefused) return error
    throw error
  }
  throw new Error('this was taken')
}
const errorsOf = (refused: ImportRefused): string[] => {
  const { header, rows } = readSheet(refused.sheet)
  return rows.map(({ cells }) => cells[header.indexOf('error')] ?? '')
}

function faultsOf(text: string, most?: number): MizaniError['faults'] {
  try {
    readSheet(text, most)
  } catch (error) {
    if (error instanceof MizaniError) return error.faults
  }
  return []
}

const HEAD = 'name,category,region,tier,internet,govnet,edge,prefixes,down'
const MUHIMBILI = 'Muhimbili National Hospital,agency,dodoma,basic,yes,no,edge-1,10.9.1.0/24,20Mbps'

t.test('a sheet is read whatever program wrote it, and what is written is read back', async (t) => {
  const rows = [{ line: 2, cells: ['a', 'é–'] }]
  const sheet = { header: ['id', 'name'], rows }
  for (const [delimiter, text] of Object.entries({
    ',': 'id,name\na,é–\n',
    ';': '\ufeffid;name\r\na;é–\r\n;\r\n',
    '\t': 'id\tname\ra\té–',
    '|': '"id"|name\n"a"|"é–"\n\n',
  })) {
    t.same(readSheet(Buffer.from(text)), { delimiter, ...sheet }, JSON.stringify(text))
  }
  t.same(readSheet('sep=;\r\nid;name\r\na;é–\r\n').rows, [{ line: 3, cells: ['a', 'é–'] }])
  t.same(readSheet(Buffer.from('id;name\r\na;\xe9\x96', 'latin1')), { delimiter: ';', ...sheet }, 'Windows-1252')
  t.same(readSheet(Buffer.from('\ufeffid\tname\r\na\té–', 'utf16le')), { delimiter: '\t', ...sheet }, 'Unicode text')
  t.equal(decodeText(Buffer.from('\x80\x93x\x94', 'latin1')), '€“x”')
  t.match(faultsOf('\n\n'), [{ message: 'expected a first line with column names' }])
  t.match(faultsOf('id,name\na,"b\n'), [{ message: /never ends/ }])

  t.same(readSheet('id,name\na,é–\n', 1).rows, rows)
  t.match(faultsOf('id\na\nb\nc\nd\n', 2), [{ line: 4, message: 'expected at most 2 rows' }])

  t.equal(writeSheet(['a'], [['=1+1'], [true], [null]]), "\ufeffa\r\n'=1+1\r\ntrue\r\n\r\n")
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('=x', '@', "'=", "''+", 'a\nb', 'a\r\nb', ' x ', ';', '"', '-1', 'a;=x', "b, '-1", 'c\n@d'),
  )
  const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(table, fc.constantFrom(',', ';'), (cells, delimiter) => {
      const text = writeSheet(['one', 'two'], cells, delimiter)
      const filled = cells.filter((row) => row.some((part) => part.trim() !== ''))
      const seen = parse(text, { bom: true, delimiter }) as string[][]
      if (seen.flat().some((part) => /^[=+\-@\t\r]/.test(part))) t.fail(`a formula: ${JSON.stringify(cells)}`)
      // As a spreadsheet reads it that parts by the other sign, and takes a quote inside a cell for a letter.
      const parts = text
        .slice(1)
        .split(/[\r\n]+/)
        .flatMap((line) => line.split(delimiter === ',' ? ';' : ','))
      if (parts.some((part) => /^ *[=+\-@]/.test(part))) t.fail(`a formula elsewhere: ${JSON.stringify(cells)}`)
      const back = readSheet(text).rows.map((row) => row.cells)
      if (JSON.stringify(back) !== JSON.stringify(filled)) t.same(back, filled)
      if (delimiter !== ',') return
      const read: string[][] = []
      const kept = endOf(keepingRecords(text, ({ one = '', two = '' }) => read.push([one, two]) % 2 === 1))
      const every = writeSheet(
        ['one', 'two'],
        cells.filter((_, n) => n % 2 === 0),
      )
      if (kept !== every) t.equal(kept, every, 'of some records the text as it was')
      if (JSON.stringify(read) !== JSON.stringify(seen.slice(1))) t.same(read, seen.slice(1))
    }),
    { seed: 5, numRuns: 500 },
  )
  t.same(keepingRecords('id\r\na\r\n"b', () => true).next(), { done: false, value: undefined }, 'a record at a time')
})

function endOf<T>(work: Generator<undefined, T, undefined>): T {
  let step = work.next()
  while (step.done !== true) step = work.next()
  return step.value
}

t.test('file, document, file, document: nothing is lost', async (t) => {
  const plane = loadPlane('config/taifa').document!
  t.equal(hashOf(planeIn(t, planeFiles(plane))), hashOf(plane), 'the default plane')
  t.same(planeFiles(planeIn(t, planeFiles(plane))), planeFiles(plane), 'nor by a second time')
  const price = { contract: 'MK-7', price: 'USD 12 000' }
  const some = ['nodes', 'groups', 'links', 'edges', 'services', 'tiers', 'regions', 'categories'] as const
  const labelled = Object.fromEntries(
    some.map((part) => {
      const [[first, member]] = Object.entries(plane[part]) as [[string, object]]
      return [part, { ...plane[part], [first]: { ...member, labels: price } }]
    }),
  )
  const { document: priced, faults } = validatePolicy({ ...plane, ...labelled })
  t.same(faults, [], 'whatever has a name may have labels')
  t.equal(hashOf(planeIn(t, planeFiles(priced!))), hashOf(priced))
  t.not(hashOf(priced), hashOf(plane))

  const document = planeIn(t)
  const word = fc.oneof(
    fc.string({ minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== ''),
    fc.constantFrom(
      'no',
      '~',
      'null',
      '0x1f',
      '1e3',
      '2026-01-01',
      '=cmd',
      '- a',
      'a: b',
      '#x',
      '&a',
      '*a',
      '!!str',
      "'='",
    ),
  )
  const label = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== '')
  fc.assert(
    fc.property(word, word, label, fc.integer({ min: 64_000, max: 4e12 }), fc.boolean(), (en, sw, note, rate, both) => {
      const pair = { down: rate, up: both ? rate : 64_000 }
      const draft = structuredClone(document)
      const agency = draft.institutions['example-agency']!
      draft.institutions['example-agency'] = { ...agency, name: { en, sw }, labels: { 'a.b-c': note } }
      draft.sites['example-agency.office']!.access = pair
      draft.regions.dodoma = { name: { en: sw, sw: en } }
      draft.institutions['example-agency']!.ceilings = { internet: pair }
      const { document: sound, faults } = validatePolicy(draft)
      if (sound === null) throw new Error(JSON.stringify(faults))
      const back = planeIn(t, planeFiles(sound))
      if (hashOf(back) !== hashOf(sound)) t.same(back, sound)
    }),
    { seed: 7, numRuns: 40 },
  )
  t.equal(writeRate(1_500_000_000), '1.5Gbps')
  t.equal(writeRate(64_001), '64.001kbps')
})

t.test('what people write is understood', async (t) => {
  const document = planeIn(t)
  const csv = [
    'Jina la Taasisi;Aina;Mkoa;Ngazi;Intaneti;GovNet;Mkataba Na.;Lango;Anwani;Kasi (Mbps);Maelezo',
    'Chuo cha Ufundi – Dodoma;Wakala;DODOMA;Basic;Ndiyo;hapana;MK-7;edge-1;10.9.1.7/24 10.9.2.0 255.255.255.0;2,5;siri',
  ].join('\r\n')
  const { next, plan, verdicts } = taken(document, csv, { columns: { maelezo: '-' } })
  const id = 'chuo-cha-ufundi-dodoma'
  t.same(verdicts, [`new ${id}`])
  t.match(next.institutions[id], {
    ...{ name: { en: 'Chuo cha Ufundi – Dodoma' }, category: 'agency', region: 'dodoma', tier: 'basic' },
    ...{ internet: true, govnet: false, labels: { 'mkataba-na': 'MK-7' } },
  })
  t.match(next.sites[`${id}.office`], {
    ...{ edge: 'edge-1', prefixes: ['10.9.1.0/24', '10.9.2.0/24'], access: { down: 2_500_000, up: 2_500_000 } },
  })
  t.equal(plan.columns.at(-1)?.means, null)
  t.same(plan.missing, ['example-agency'])
  const rates = {
    '20 Mbps': 20e6,
    '20M': 20e6,
    '1.5 Gbit/s': 1.5e9,
    '512k': 512e3,
    '20000000': 20e6,
    '20,000,000': 20e6,
  }
  for (const [text, rate] of Object.entries(rates)) {
    const row = `${HEAD}\n"${MUHIMBILI.replace('20Mbps', '').replaceAll(',', '","')}${text}"`
    t.equal(Object.values(taken(document, row).next.sites)[1]?.access.down, rate, text)
  }
})

t.test('a rate in bytes is asked about, never cut to an eighth', async (t) => {
  const document = planeIn(t)
  for (const [text, bytes, bits] of [
    ['20 MB/s', '160 Mbit/s', '20 Mbit/s'],
    ['2.5MBps', '20 Mbit/s', '2.5 Mbit/s'],
    ['20 MB', '160 Mbit/s', '20 Mbit/s'],
    ['512 kbytes/s', '4.1 Mbit/s', '512 kbit/s'],
  ]) {
    const [error] = errorsOf(refusalOf(document, `${HEAD}\n${MUHIMBILI.replace('20Mbps', text!)}\n`))
    t.equal(error, `down: "${text}" says bytes, and rates are bits: write ${bytes} if it is bytes, ${bits} if bits`)
  }
  const row = MUHIMBILI.replace('20Mbps', '20')
  for (const unit of ['Mbps', 'MBPS', 'mb/s', 'Mb', 'Mbits'])
    t.equal(Object.values(taken(document, `${HEAD} (${unit})\n${row}\n`).next.sites)[1]?.access.down, 20e6, unit)
  for (const unit of ['MB/s', 'MBps', 'MB', 'megabytes/s'])
    t.match(refusalOf(document, `${HEAD} (${unit})\n${row}\n`).faults, [
      { message: /is in bytes, .* column "down \(Mbps\)"/ },
    ])
  t.match(validatePolicy({ ...document, plane: { ...document.plane, bootRate: '2MB/s' } }).faults, [
    {
      pointer: '/plane/bootRate',
      message: '"2MB/s" says bytes, and rates are bits: write 16 Mbit/s if it is bytes, 2 Mbit/s if bits',
    },
  ])
})

t.test('a ceiling is understood by its service, and asked about where that is not clear', async (t) => {
  const document = planeIn(t)
  const own = (header: string, cell: string): unknown =>
    taken(document, `id,${header}\nexample-agency,${cell}\n`).next.institutions['example-agency']!.ceilings
  const both = { internet: { down: 30e6, up: 30e6 } }
  for (const header of [
    'internet ceiling',
    'Ceiling Internet',
    'Kikomo cha Intaneti',
    'max_internet',
    'ceiling.internet',
  ])
    t.strictSame(own(header, '30Mbps'), both, header)
  t.strictSame(own('Internet limit (Mbps)', '30/10'), { internet: { down: 30e6, up: 10e6 } })
  const asked = (header: string, more: Partial<ImportRequest> = {}) =>
    refusalOf(document, `id,${header}\nexample-agency,30Mbps\n`, more).faults[0]?.message
  t.match(asked('WAN ceiling'), /^of which service is "WAN ceiling" the ceiling\? Say ceiling.internet \(300Mbps, or/)
  t.match(asked('kikomo'), /of which service is "kikomo" the ceiling/)
  t.match(asked('ceiling.wan'), /of which service/)
  t.match(asked('internet ceiling', { kind: 'sites' }), /is an institution's/)
  t.strictSame(taken(document, 'id,Credit limit\nexample-agency,9\n').next.institutions['example-agency']!.labels, {
    'credit-limit': '9',
  })
})

function titleFaults(document: PolicyDocument, csv: string): MizaniError['faults'] {
  try {
    planImport(document, { ...NOTHING, csv })
  } catch (error) {
    if (error instanceof MizaniError) return error.faults
  }
  return []
}

t.test('a title above the column names is one fault, and the edges are listed where one is missing', async (t) => {
  const document = planeIn(t)
  for (const title of ['Orodha ya Taasisi 2026', 'Institutions of the plan,,,,,,,,']) {
    const csv = `${title}\n\n${HEAD}\n${MUHIMBILI}\nX,Y,Z\n`
    t.match(titleFaults(document, csv), [
      { code: 'TITLE', message: /^the first row is a title \("[^"]+"\), and line 3 has the column names \(name, / },
    ])
  }
  const without = `${HEAD}\n${MUHIMBILI.replace('edge-1', '')}\n`
  t.match(errorsOf(refusalOf(document, without)), ['edge: a new site needs an edge; in dodoma: edge-1'])
  document.regions.mbeya = { name: { en: 'Mbeya', sw: 'Mbeya' } }
  t.match(errorsOf(refusalOf(document, without.replace('dodoma', 'mbeya'))), [
    'edge: a new site needs an edge; known: edge-1',
  ])
})

t.test('a site that no gateway can tell from others is taken with a warning, by row', async (t) => {
  const document = planeIn(t)
  const bare = MUHIMBILI.replace('10.9.1.0/24', '')
  const csv = `${HEAD},vlan\n${bare},\n${bare.replace('Muhimbili', 'Bugando')},7\n`
  const { plan, next } = taken(document, csv)
  const site = 'muhimbili-national-hospital.office'
  t.match(plan.warnings, [
    { line: 2, site, code: 'UNTOLD', message: /has neither a prefix nor a VLAN: no gateway can tell its traffic/ },
  ])
  t.match(warningsOf(next), [/^site with neither a prefix nor a VLAN: .*: muhimbili-national-hospital.office$/])
  t.strictSame(taken(document, `${HEAD}\n${MUHIMBILI}\n`).plan.warnings, [])
})

t.test('a second import updates, and takes nothing away unless it is asked to', async (t) => {
  const document = planeIn(t)
  const first = taken(document, `${HEAD},contract\n${MUHIMBILI},K-1\n`).next
  const id = 'muhimbili-national-hospital'
  const again = taken(first, `contract,name\nK-1,MUHIMBILI national hospital\n`)
  t.same(again.verdicts, [`same ${id}`])
  t.equal(hashOf(again.next), hashOf(first), 'told by its name; nothing has changed, its name neither')
  const changed = taken(first, `id,name,contract,down\n${id},Muhimbili,,30Mbps\n`)
  t.same(changed.verdicts, [`changed ${id}`])
  t.match(changed.next.institutions[id], { name: { en: 'Muhimbili', sw: 'Muhimbili' }, labels: {}, tier: 'basic' })
  t.same(changed.next.sites[`${id}.office`]?.prefixes, ['10.9.1.0/24'], 'what the sheet does not say stays')
  t.same(changed.next.sites[`${id}.office`]?.access, { down: 30e6, up: 20e6 })
  t.same(changed.plan.missing, ['example-agency'])
  t.ok(changed.next.institutions['example-agency'])
  // The id that its old name once made still means it.
  t.same(taken(changed.next, 'name,tier\nMuhimbili National Hospital,basic\n').verdicts, [`same ${id}`])
  const pruned = taken(first, `id\n${id}\n`, { prune: true })
  t.same(Object.keys(pruned.next.institutions), [id])
  t.same(Object.keys(pruned.next.sites), [`${id}.office`])
  t.same(Object.keys(pruned.next.former ?? {}), ['example-agency'])
  const scope = { categories: ['hospital'] }
  t.same(taken(first, `id\n${id}\n`, { scope }).plan.missing, [], 'nothing outside the scope is missed')
})

t.test('nearly the same name is asked about; the answer can be the id, and is kept', async (t) => {
  const document = taken(planeIn(t), `${HEAD}\n${MUHIMBILI}\n`).next
  const natl = MUHIMBILI.replace('National Hospital', 'Natl Hosp').replace('10.9.1', '10.9.7')
  const asked = refusalOf(document, `${HEAD}\n${natl}\n`)
  t.match(errorsOf(asked)[0], /^id: is this muhimbili-national-hospital \("Muhimbili National Hospital"\)\?/)
  t.match(asked, { code: 'POLICY_INVALID', faults: [{ code: 'ASK', pointer: '/2/id' }] })
  const same = { 'Muhimbili Natl Hosp': 'muhimbili-national-hospital' }
  const answered = taken(document, `${HEAD}\n${natl}\n`, { same })
  t.same(answered.verdicts, ['changed muhimbili-national-hospital'])
  t.equal(answered.next.institutions['muhimbili-national-hospital']?.name.en, 'Muhimbili National Hospital')
  t.same(taken(document, `${HEAD}\n${natl}\n`, { same: { 'Muhimbili Natl Hosp': 'mnh-2' } }).verdicts, ['new mnh-2'])
  t.same(taken(document, `${HEAD},id\n${natl},mnh-2\n`).verdicts, ['new mnh-2'], 'an id of its own is an answer')
  t.match(errorsOf(refusalOf(document, `${HEAD},id\n${MUHIMBILI},mnh-2\n`))[0], /is this muhimbili-national-hospital/)
  const twice = refusalOf(document, `${HEAD}\n${MUHIMBILI}\n${natl}\n${MUHIMBILI}`)
  t.match(errorsOf(twice), ['', /is this/, /already in line 2/])

  const book = new NameBook()
  book.add('mnh', 'Muhimbili National Hospital')
  for (const name of [
    'Muhimbil National Hospital',
    'Muhimbili Natl. Hospital',
    'Hospital of Muhimbili, National',
    'Mhuimbili',
  ])
    t.same([...book.called(name), ...book.nearly(name)], name === 'Mhuimbili' ? [] : ['mnh'], name)
  book.add('meru', 'Mount Meru Regional Referral Hospital')
  book.add('arusha', 'Arusha District Council')
  t.strictSame(book.nearly('Mt. Meru Regional Referral Hospital'), ['meru'])
  t.strictSame(book.nearly('Mt Meru RRH'), ['meru'])
  t.strictSame(book.nearly('Arusha DC'), ['arusha'])
  t.strictSame(book.nearly('Arusha TC'), [], 'another council')
  book.add('mara', 'Mara Regional Secretariat')
  t.same(book.nearly('Tanga Regional Secretariat'), [], 'a general name is not enough')
  t.same(idFrom("Ofisi ya Mkuu wa Wilaya – Ng'ambo"), 'ofisi-ya-mkuu-wa-wilaya-ngambo')
  t.ok(idFrom('taasisi '.repeat(30)).length <= 53)
})

t.test('all or none: what is wrong comes back in the same sheet', async (t) => {
  const document = planeIn(t)
  const csv = [
    `${HEAD.replaceAll(',', ';')};error`,
    'Chuo A;agency;dodoma;basic;yes;no;edge-1;10.1.1.128/25;20;old news',
    'Chuo B;agency;Atlantis;gold;maybe;no;edge-9;10.9.9.0/240;20Mbps;',
    'Chuo C;agency;dodoma;basic;yes;no;;;;',
    ';;;;;;;;20Mbps;',
  ].join('\n')
  const refused = refusalOf(document, csv)
  t.match(refused.message, '4 rows cannot be taken, so nothing was.')
  const [a, b, c, d] = errorsOf(refused)
  t.match(a, /prefixes: 10.1.1.128\/25 overlaps 10.1.1.0\/24 of site "example-agency.office", Example/)
  t.match(a, /down: 20 without a unit is 20 bit\/s; write 20Mbps/)
  t.match(b, /region: no region is called "Atlantis"; known: dodoma; .*internet: expected yes or no, found "maybe"/)
  t.match(b, /edge: no edge is called "edge-9"; known: edge-1/)
  t.match(b, /expected a network such as 10.1.2.0\/24, found "10.9.9.0\/240"/)
  t.match(c, /edge: it has no site yet; say edge, prefixes, down and up in the same row/)
  t.equal(d, 'name: expected a name or an id')
  const back = readSheet(refused.sheet)
  t.equal(back.delimiter, ';', 'as it came')
  t.same(back.header, [...HEAD.split(','), 'error'])
  t.notMatch(refused.sheet, 'old news')
  t.match(refusalOf(document, 'name,jina\nA,B\n').faults, [{ message: /"name" and "jina" both mean name/ }])
  t.match(refusalOf(document, 'x\n1\n', { columns: { x: 'colour' } }).faults, [{ message: /cannot mean "colour"/ }])
  t.throws(() => taken(document, ''), MizaniError)
})

t.test('rename, merge, split and close keep what was', async (t) => {
  const rows = ['A', 'B', 'C'].map((x, k) =>
    MUHIMBILI.replace('Muhimbili National', x.repeat(8)).replace('9.1', `9.${k}`),
  )
  const document = taken(planeIn(t), [HEAD, ...rows].join('\n')).next
  const [a, b, c] = ['aaaaaaaa-hospital', 'bbbbbbbb-hospital', 'cccccccc-hospital'] as const
  const life = [
    'id,name,merged_into,closed,split_from,category,region,tier,internet,govnet,edge,prefixes,down',
    `${b},,${a},,,,,,,,,,`,
    `${c},,,yes,,,,,,,,,`,
    `${a},Alpha Hospital,,,,,,,,,,,`,
    `d-clinic,D Clinic,,,${a},agency,dodoma,basic,yes,no,edge-1,10.9.9.0/24,20Mbps`,
  ].join('\n')
  const { next, verdicts } = taken(document, life)
  t.same(verdicts, [`closed ${b}`, `closed ${c}`, `changed ${a}`, 'new d-clinic'])
  t.match(next.institutions[a], { name: { en: 'Alpha Hospital' }, from: [b] })
  t.equal(hashOf(taken(next, life).next), hashOf(next), 'the same sheet again changes nothing')
  t.match(next.institutions['d-clinic'], { from: [a] })
  t.match(next.former, { [b]: { name: { en: 'BBBBBBBB Hospital' } }, [c]: { name: { en: 'CCCCCCCC Hospital' } } })
  t.equal(next.sites[`${b}.office`]?.institution, a, 'its line goes on')
  t.equal(next.sites[`${c}.office`], undefined)
  t.equal(hashOf(planeIn(t, planeFiles(next))), hashOf(next), 'and all of it is written to files')
  t.match(errorsOf(refusalOf(next, `${HEAD},id\n${MUHIMBILI},${b}`))[0], /was closed; its id is not used again/)
  const reused = { ...next, institutions: { ...next.institutions, [c]: next.institutions[a] } }
  t.match(validatePolicy(reused).faults, [{ code: 'CLOSED', pointer: `/institutions/${c}` }])
  t.match(errorsOf(refusalOf(document, `id,merged_into\n${a},${a}`))[0], /expected another institution/)
})

t.test('whatever comes, it is taken or refused, and the policy in force is as it was', async (t) => {
  const document = planeIn(t)
  const before = hashOf(document)
  const word = fc.oneof(
    fc.constantFrom(
      ...HEAD.split(','),
      'id',
      'vlan',
      'merged_into',
      'closed',
      'split_from',
      'label.x',
      'ceiling.internet',
    ),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'example-agency',
      'yes',
      '-',
      '10.1.1.0/24',
      '1e400',
      '20Mbps',
      '\0',
      '=x',
    ),
    fc.string({ maxLength: 12 }),
  )
  const sheet = fc.array(fc.array(word, { minLength: 1, maxLength: 14 }), { minLength: 1, maxLength: 6 })
  const outcomes = { taken: 0, refused: 0 }
  fc.assert(
    fc.property(sheet, fc.constantFrom('institutions', 'sites'), fc.boolean(), ([header, ...rows], kind, prune) => {
      try {
        taken(document, writeSheet(header!, rows), {
          kind,
          prune,
          same: { constructor: 'x' },
          defaults: { tier: 'basic' },
        })
        outcomes.taken++
      } catch (error) {
        if (!(error instanceof MizaniError) || error.code !== 'POLICY_INVALID') throw error
        outcomes.refused++
      }
      if (hashOf(document) !== before) throw new Error('the policy in force was touched')
    }),
    { seed: 11, numRuns: 2_000 },
  )
  t.comment(JSON.stringify(outcomes))
  t.ok(outcomes.refused > 500)
  const row = `${HEAD},id\n${MUHIMBILI},constructor\n`
  t.same(taken(document, row).verdicts, ['new constructor'])
})

t.test('sites come in a sheet of their own', async (t) => {
  const document = planeIn(t)
  const csv = 'Taasisi,Gateway,Subnet,Download,Upload,VLAN\nexample-agency,edge-1,10.7.0.0/24,20Mbps,10Mbps,105\n'
  const { next, verdicts } = taken(document, csv, { kind: 'sites' })
  t.same(verdicts, ['new example-agency.office-2'])
  t.match(next.sites['example-agency.office-2'], { vlan: 105, access: { down: 20e6, up: 10e6 }, medium: 'fibre' })
  const moved = taken(next, csv.replace('20Mbps', '30Mbps').replace(',105', ','), { kind: 'sites' })
  t.same(moved.verdicts, ['changed example-agency.office-2'], 'told by its network')
  t.match(moved.next.sites['example-agency.office-2'], { vlan: null, access: { down: 30e6 } })
  t.same(moved.plan.missing, ['example-agency.office'])
  const nobody = 'Taasisi,Gateway,Subnet,Download\nAgency,edge-7,10.7.0.0/24,50\n'
  const wrong = errorsOf(refusalOf(next, nobody, { kind: 'sites' }))[0]
  t.match(wrong, /no institution is called "Agency"; known: example-agency; .*down.*Gateway: no edge/i)
  const only = taken(document, 'Taasisi,Download\nExample Agency Ltd,30Mbps\n', {
    ...{ kind: 'sites', same: { 'Example Agency Ltd': 'example-agency' } },
  })
  t.same(only.verdicts, ['changed example-agency.office'], 'the only one it has; its name was answered before')
  t.equal(hashOf(taken(next, siteSheet(next), { kind: 'sites', prune: true }).next), hashOf(next))
  t.equal(hashOf(taken(next, institutionSheet(next), { prune: true }).next), hashOf(next), 'an export comes in again')
})

t.test('the nation comes in again, and few of its names are like another', async (t) => {
  const nation = loadPlane('config/taifa').document!
  const { next, plan } = taken(nation, institutionSheet(nation), { prune: true })
  t.equal(hashOf(next), hashOf(nation))
  const all: ImportPlan['rows'] = plan.rows
  t.same(new Set(all.map(({ verdict }) => verdict)), new Set(['same']))
  const book = new NameBook()
  for (const [id, { name }] of Object.entries(nation.institutions)) book.add(id, name.en, name.sw)
  const asked = Object.entries(nation.institutions).filter(([id, { name }]) =>
    book.nearly(name.en).some((x) => x !== id),
  )
  t.ok(asked.length < 20, `${asked.length} of 554 would be asked about`)
})
