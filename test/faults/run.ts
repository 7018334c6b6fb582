// All the ways to fail, one after the other: `npm run faults`.
//
//   npm run faults -- [--only 1,2,30-36] [--long] [--seed N] [--report FILE]
//
// Everyday measures are a part of the full ones (--long: leases of 60 s, 100 takeovers, 20 crashes of 1,000 writes, a
// soak of 30 minutes). The last line is the verdict; the report is a table of what was done and what was seen.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import type { Case } from './case.js'
import { ALL_CASES } from './cases/all.js'
import { Stage, trialOf } from './stage.js'

interface Result {
  readonly of: Case
  readonly verdict: 'pass' | 'FAIL' | 'not run'
  readonly checks: readonly string[]
  readonly breaches: readonly string[]
  readonly notes: readonly string[]
  readonly seconds: number
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    report: { type: 'string', default: 'build/faults-report.md' },
  },
})
const seed = Number(values.seed)
const chosen =
  values.only === undefined ? ALL_CASES : ALL_CASES.filter(({ number }) => numbers(values.only!).has(number))

function numbers(text: string): Set<number> {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const [first, last = first] = part.split('-').map(Number)
    for (let k = first!; k <= last!; k++) found.add(k)
  }
  return found
}

async function play(one: Case, stage: Stage): Promise<Result> {
  const checks: string[] = []
  const breaches: string[] = []
  const notes: string[] = []
  const obstacle = one.obstacle?.() ?? null
  if (obstacle !== null) return { of: one, verdict: 'not run', checks, breaches, notes: [obstacle], seconds: 0 }
  const began = performance.now()
  const trial = trialOf({
    ...{ stage, name: `case-${one.number}`, long: values.long, timed: true },
    check: (holds, what) => void (holds ? checks : breaches).push(what),
    note: (fact) => void notes.push(fact),
  })
  try {
    await one.run(trial)
  } catch (error) {
    breaches.push(error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : String(error))
  }
  await trial.end()
  if (checks.length === 0 && breaches.length === 0) breaches.push('nothing was checked')
  if (breaches.length > 0) await stage.clear()
  const seconds = (performance.now() - began) / 1_000
  return { of: one, verdict: breaches.length > 0 ? 'FAIL' : 'pass', checks, breaches, notes, seconds }
}

function tell({ of, verdict, checks, breaches, notes, seconds }: Result): void {
  console.log(`\n${String(of.number).padStart(2)}  ${of.name}: ${verdict} (${seconds.toFixed(1)} s)`)
  console.log(`    done: ${of.done}`)
  for (const what of breaches) console.log(`    BREACH ${what}`)
  for (const what of checks) console.log(`    holds  ${what}`)
  for (const what of notes) console.log(`    seen   ${what}`)
}

function report(results: readonly Result[], verdict: string): void {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const rows = results.map(({ of, verdict, breaches, checks, notes }) => {
    const seen = [...breaches.map((what) => `**${what}**`), ...notes].join('; ')
    const cells = [of.number, of.name, of.done, of.holds, `${verdict} (${checks.length})`, seen]
    return `| ${cells.map((text) => cell(String(text))).join(' | ')} |`
  })
  mkdirSync(dirname(values.report), { recursive: true })
  const head = [
    '# Ways to fail',
    '',
    verdict,
    '',
    '| # | case | what was done | what must hold | verdict (checks) | seen |',
  ]
  writeFileSync(values.report, `${[...head, '|---|---|---|---|---|---|', ...rows].join('\n')}\n`)
}

const began = performance.now()
const stage = new Stage(seed)
process.once('SIGINT', () => void stage.close().then(() => process.exit(130)))
const results: Result[] = []
for (const one of chosen) {
  const result = await play(one, stage)
  results.push(result)
  tell(result)
}
await stage.close()
const count = (verdict: Result['verdict']): number => results.filter((result) => result.verdict === verdict).length
const left = results.filter(({ verdict }) => verdict === 'not run').map(({ of }) => of.number)
const verdict =
  `faults: seed ${seed}, ${((performance.now() - began) / 1_000).toFixed(0)} s${values.long ? ', long' : ''}, ` +
  `${results.reduce((sum, { checks }) => sum + checks.length, 0)} checks: ` +
  `${count('pass')} passed, ${count('FAIL')} failed${left.length > 0 ? `, not run here: ${left.join(', ')}` : ''}`
report(results, verdict)
console.log(`\nThe table is in ${values.report}.\n${verdict}`)
process.exitCode = count('FAIL') > 0 ? 1 : 0
