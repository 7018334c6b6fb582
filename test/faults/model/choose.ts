// Chooses the stories of `npm test`:
//
//   node src/bin/run.mjs test/faults/model/choose.ts [SEEDS]
//
// Tells those of so many seeds, and a tenth as many beside another release, and writes two lists to chosen.ts. Each
// covers all of NEEDED by itself, begins with stories that were broken once, and goes on with whatever covers, for its
// length, the most that is still uncovered, a thing counting the more the fewer stories have it. Once all is covered
// that begins anew.

import { writeFileSync } from 'node:fs'
import { coverOf, NEEDED } from './cover.js'
import { LIES_NEEDED } from './lying.js'
import { SIGHTS } from './store.js'
import { NAMES, type Verdict } from './story.js'
import { PAST, tellNamed } from './tell.js'

const LISTS = 2
/** Seeds whose stories with edges that lie are chosen from. */
const LYING_SEEDS = 300
const STORIES = 60
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

const left = new Set(candidates)
const lists = Array.from({ length: LISTS }, (_, n) => choose(PAST.filter((_, k) => k % LISTS === n)))
const lying: string[] = []
const lies = new Map<string, ReadonlySet<string>>()
for (let seed = 1; seed <= LYING_SEEDS; seed++)
  lies.set(`${seed} lying`, new Set((await tellNamed(`${seed} lying`)).traits))
const untold = new Set(LIES_NEEDED)
while (untold.size > 0 && lying.length < STORIES) {
  const addsOf = (story: string): number => [...untold].filter((thing) => lies.get(story)!.has(thing)).length
  const next = [...lies.keys()].reduce((best, story) => (addsOf(story) > addsOf(best) ? story : best))
  lying.push(next)
  for (const thing of lies.get(next)!) untold.delete(thing)
}
const legend = [...SIGHT, ...EVENT].map(([name, letter]) => `//   ${letter}  ${name}\n`).join('')
const rows = lists.map((list) => `  \`\n${list.map(({ row }) => row).join('\n')}\n\`,\n`).join('')
writeFileSync(
  'test/faults/model/chosen.ts',
  `// Written by \`node src/bin/run.mjs test/faults/model/choose.ts ${seeds}\`: the stories of
// \`npm test\`, what was seen (a to v) and what happened, in order (A to Z), with the letter of the edge that
// it happened to. A pair is any two with at most one between them.
//
${legend}
export const CHOSEN = [
${rows}].map((list) =>
  list
    .trim()
    .split('\\n')
    .map((row) => row.slice(0, ${WIDTH}).trim()),
)

/** With edges that lie: every two lies at once. */
export const LYING = [${lying.map((story) => `'${story}'`).join(', ')}]
`,
)

function choose(past: readonly string[]): Candidate[] {
  const list: Candidate[] = []
  let uncovered = new Set(NEEDED)
  const worthOf = ({ covered, length }: Candidate): number =>
    covered.reduce((sum, thing) => sum + (uncovered.has(thing) ? 1 / having.get(thing)! : 0), 0) / length
  const take = (next: Candidate): void => {
    list.push(next)
    left.delete(next)
    for (const thing of next.covered) uncovered.delete(thing)
  }
  for (const story of past) take(candidates.find((candidate) => candidate.story === story)!)
  while (list.length < STORIES && left.size > 0) {
    if (![...left].some((candidate) => worthOf(candidate) > 0)) {
      console.log(`${list.length} stories cover what can be covered`)
      uncovered = new Set(NEEDED)
    }
    take([...left].reduce((best, next) => (worthOf(next) > worthOf(best) ? next : best)))
  }
  return list
}

function rowOf(story: string, { traits, sights, events }: Verdict): string {
  const seen = SIGHTS.map((sight) => (sights.has(sight) ? SIGHT.get(sight) : '-')).join('')
  const done = events.filter(({ name, isIdle }) => !isIdle && EVENT.has(name))
  const happened = done.map(({ name, edge }) => `${EVENT.get(name)}${edge?.[0] ?? ''}`).join('')
  return `${story.padEnd(WIDTH)}${traits[0]!.split(' ')[0]!.replace(',', '').padEnd(12)}${seen} ${happened}`
}
