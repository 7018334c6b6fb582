// Chooses the stories of `npm test`:
//
//   node src/bin/run.mjs test/faults/model/choose.ts [SEEDS]
//
// Tells those of so many seeds, and a tenth as many beside another release, and writes to chosen.ts those that cover
// all of NEEDED: stories that were broken once, then whatever covers, for its length, the most that is still uncovered,
// a thing counting the more the fewer stories have it.

import { writeFileSync } from 'node:fs'
import { coverOf, NEEDED } from './cover.js'
import { LIES_NEEDED } from './lying.js'
import { SIGHTS } from './store.js'
import { NAMES, type Verdict } from './story.js'
import { PAST, tellNamed } from './tell.js'

/** Seeds whose stories with edges that lie are chosen from. */
const LYING_SEEDS = 300
/** Of the column that names a story. */
const WIDTH = 11

interface Candidate {
  readonly story: string
  readonly covered: readonly string[]
  readonly length: number
  readonly row: string
}

const letters = (names: readonly string[], first: string): ReadonlyMap<string, string> =>
  new Map(names.map((name, k) => [name, String.fromCharCode(first.charCodeAt(0) + k)]))
const EVENT = letters([...NAMES.all, ...NAMES.besides], 'A')
const SIGHT = letters(SIGHTS, 'a')

const seeds = Number(process.argv[2] ?? 800)
const all = Array.from({ length: seeds }, (_, n) => `${n + 1}`)
const candidates: Candidate[] = []
for (const story of new Set([...PAST, ...all, ...all.slice(0, seeds / 10).map((seed) => `${seed} beside`)])) {
  const verdict = await tellNamed(story)
  const covered = [...coverOf(verdict)].filter((thing) => NEEDED.has(thing))
  candidates.push({ story, covered, length: verdict.length, row: rowOf(story, verdict) })
}

/** How many stories have a thing. */
const having = new Map<string, number>()
for (const thing of candidates.flatMap(({ covered }) => covered)) having.set(thing, (having.get(thing) ?? 0) + 1)
for (const thing of NEEDED) if (!having.has(thing)) console.error(`no story covers: ${thing}`)

const chosen = choose(PAST)
const lying: string[] = []
const lies = new Map<string, ReadonlySet<string>>()
for (let seed = 1; seed <= LYING_SEEDS; seed++)
  lies.set(`${seed} lying`, new Set((await tellNamed(`${seed} lying`)).traits))
const untold = new Set(LIES_NEEDED)
while (untold.size > 0 && lying.length < LYING_SEEDS) {
  const addsOf = (story: string): number => [...untold].filter((thing) => lies.get(story)!.has(thing)).length
  const next = [...lies.keys()].reduce((best, story) => (addsOf(story) > addsOf(best) ? story : best))
  lying.push(next)
  for (const thing of lies.get(next)!) untold.delete(thing)
}
const legend = [...SIGHT, ...EVENT].map(([name, letter]) => `//   ${letter}  ${name}\n`).join('')
writeFileSync(
  'test/faults/model/chosen.ts',
  `// Written by \`node src/bin/run.mjs test/faults/model/choose.ts ${seeds}\`: the stories of
// \`npm test\`, what was seen (a to v) and what happened, in order (A to Z), with the letter of the edge that
// it happened to. A pair is any two with at most one between them.
//
${legend}
export const CHOSEN = \`
${chosen.map(({ row }) => row).join('\n')}
\`
  .trim()
  .split('\\n')
  .map((row) => row.slice(0, ${WIDTH}).trim())

/** With edges that lie: every two lies at once. */
export const LYING = [${lying.map((story) => `'${story}'`).join(', ')}]
`,
)

function choose(past: readonly string[]): Candidate[] {
  const list: Candidate[] = []
  const left = new Set(candidates)
  const uncovered = new Set(NEEDED)
  const worthOf = ({ covered, length }: Candidate): number =>
    covered.reduce((sum, thing) => sum + (uncovered.has(thing) ? 1 / having.get(thing)! : 0), 0) / length
  const take = (next: Candidate): void => {
    list.push(next)
    left.delete(next)
    for (const thing of next.covered) uncovered.delete(thing)
  }
  for (const story of past) take(candidates.find((candidate) => candidate.story === story)!)
  for (;;) {
    const best = [...left].reduce((best, next) => (worthOf(next) > worthOf(best) ? next : best))
    if (worthOf(best) === 0) return list
    take(best)
  }
}

function rowOf(story: string, { traits, sights, events }: Verdict): string {
  const seen = SIGHTS.map((sight) => (sights.has(sight) ? SIGHT.get(sight) : '-')).join('')
  const done = events.filter(({ name, isIdle }) => !isIdle && EVENT.has(name))
  const happened = done.map(({ name, edge }) => `${EVENT.get(name)}${edge?.[0] ?? ''}`).join('')
  return `${story.padEnd(WIDTH)}${traits[0]!.split(' ')[0]!.replace(',', '').padEnd(12)}${seen} ${happened}`
}
