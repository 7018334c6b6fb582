// Sheets of contracts and agreements as offices keep them: days first, commas in numbers, Swahili headers, names in
// place of ids. What is wrong comes back in the sheet, row by row, and then nothing was taken; money is refused by its
// column.

import t from 'tap'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { EXAMPLE_POLICY } from '../../src/policy/document/example.js'
import { validatePolicy } from '../../src/policy/document/validate.js'
import { agreementSheet, contractSheet } from '../../src/policy/files/tables.js'
import { ImportRefused, type ImportRequest, planImport } from '../../src/policy/import/plan.js'
import { readSheet } from '../../src/runtime/sheet.js'

const example = validatePolicy(EXAMPLE_POLICY).document!

function taken(csv: string, more: Partial<ImportRequest>): { next: PolicyDocument; verdicts: string[] } {
  const asked = { kind: 'contracts', columns: {}, same: {}, defaults: {}, prune: false, scope: null, ...more } as const
  const plan = planImport(example, { ...asked, csv })
  const { document: next, faults } = validatePolicy(plan.document)
  if (next === null) throw plan.refusal(faults)
  return { next, verdicts: plan.rows.map(({ id, verdict }) => `${verdict} ${id}`) }
}

/** The cells of the column `error`. */
function errorsOf(csv: string, more: Partial<ImportRequest>): string[] {
  try {
    taken(csv, more)
  } catch (error) {
    if (!(error instanceof ImportRefused)) throw error
    const { header, rows } = readSheet(error.sheet)
    if (rows.every(({ cells }) => !cells[header.indexOf('error')])) return error.faults.map(({ message }) => message)
    return rows.map(({ cells }) => cells[header.indexOf('error')] ?? '')
  }
  throw new Error('this was taken')
}

t.test('a sheet of contracts as an office keeps it', async (t) => {
  const sheet =
    'Name;Mtoa huduma;Kiungo;Down (Mbps);Up (Mbps);Commit (Mbps);Percentile;Kuanzia;Hadi;Lead time;Kanda\n' +
    'Second transit;Lake Fibre Ltd;transit-b;1.000,5;500;300;95 %;1/7/2026;30.6.2029;60;EA\n'
  const { next, verdicts } = taken(sheet.replace('1.000,5', '1000'), { kind: 'contracts' })
  t.same(verdicts, ['new second-transit'])
  t.match(next.contracts!['second-transit'], {
    ...{ provider: 'Lake Fibre Ltd', links: ['transit-b'], capacity: { down: 1e9, up: 5e8 }, committed: 3e8 },
    ...{ percent: 95, counts: 'greater', from: '2026-07-01', until: '2029-06-30', leadDays: 60, sharing: null },
    labels: { kanda: 'EA' },
  })
  t.ok(next.contracts!['transit-2026'], 'what is not in the sheet stays')
  const pruned = taken(sheet.replace('1.000,5', '1000'), { kind: 'contracts', prune: true }).next
  t.same(Object.keys(pruned.contracts!), ['second-transit'])
})

t.test('mistakes come back row by row, and nothing is taken', async (t) => {
  const header = 'name,provider,links,down,committed,from,to,sharing,percentile\n'
  const good = 'Third,Lake,transit-b,1Gbps,300Mbps,2026-07-01,,half-and-half,95\n'
  const errors = errorsOf(
    `${header}${good}` +
      'Fourth,,transit-z,20 MB/s,300,31/2/2026,,all-together,950\n' +
      'Third,Lake,transit-b,1Gbps,300Mbps,2026-07-01,,,\n' +
      'Fifth,Lake,transit-a,1Gbps,2Gbps,2026-07-01,2026-01-01,,\n',
    { kind: 'contracts' },
  )
  t.equal(errors[0], '')
  for (const part of [
    'provider: expected provider: it is new',
    /down: .*bytes/,
    'committed: 300 without a unit is 300 bit/s',
    'from: expected a date such as 2026-07-01 or 1/7/2026, found "31/2/2026"',
    'percentile: expected a part of a hundred such as 95, found "950"',
  ])
    t.match(errors[1], part)
  t.match(errors[2], 'third is already in line 2')
  for (const part of ['to: expected 2026-07-01 or later', 'committed: expected no more than the capacity'])
    t.match(errors[3], part)
  t.match(errorsOf(`${header}Fifth,Lake,transit-a,1Gbps,,2026-07-01,,,\n`, { kind: 'contracts' }), [
    'links: "transit-a" is paid for by contract "transit-2026" at the same time',
  ])
  const money = errorsOf('name,provider,links,down,from,Bei (USD)\nX,Y,transit-b,1Gbps,2026-07-01,12000\n', {
    kind: 'contracts',
  })
  t.same(money, ['"Bei (USD)" is money, which stands in the price book and in no policy; say - for it'])
})

t.test('agreements name institutions as people do', async (t) => {
  const header = 'Reference,Taasisi,Kuanzia,Hadi,Daraja,Huduma,SLA,Aliyesaini,Kifungu\n'
  const { next, verdicts } = taken(
    `${header}MK/8/2026,Dodoma College,1/7/2026,30/6/2027,basic,Intaneti,"99,5 %",B. Komba,22-1005\n`,
    { kind: 'agreements' },
  )
  t.same(verdicts, ['new mk-8-2026'])
  t.match(next.agreements!['mk-8-2026'], {
    ...{ institution: 'chuo-dodoma', reference: 'MK/8/2026', from: '2026-07-01', until: '2027-06-30' },
    ...{ tier: 'basic', services: ['internet'], attainment: 0.995, signatory: 'B. Komba', budget: '22-1005' },
  })
  const errors = errorsOf(
    `${header}MK/9,Dodoma Colege,1/7/2026,,gold,radio,99,B. Komba,\n` +
      'MK/10,Mbeya Referral Hospital,2026-08-01,,hospital,internet,99,A. Mushi,\n',
    { kind: 'agreements' },
  )
  t.match(errors[0], 'Taasisi: no institution is called "Dodoma Colege"; known: chuo-dodoma')
  t.match(errors[0], 'Daraja: no tier is called "gold"')
  t.match(errors[0], 'Huduma: no service is called "radio"; known: internet')
  t.match(errors[1], 'agreement "mk-7" is about internet at the same time')
})

t.test('what was written as a sheet is read back without loss', async (t) => {
  t.same(taken(contractSheet(example), { kind: 'contracts' }).verdicts, ['same transit-2026'])
  t.same(taken(agreementSheet(example), { kind: 'agreements' }).verdicts, ['same mk-7'])
})
