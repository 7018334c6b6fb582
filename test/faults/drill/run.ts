// Everybody tries everything: `npm run drill [-- SECONDS SEED]`, ten minutes unless said.
//
// Round after round, each of those who may come in and nobody in particular tries all that there is (drill.ts). What
// each could change in all rounds together is held against the table in SECURITY.md. The last line is the verdict.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '../model/random.js'
import { Endings } from '../stage.js'
import { ACTORS, Drill, Tally } from './drill.js'

const [seconds = 600, seed = 1] = process.argv.slice(2).map(Number)
const started = performance.now()
const endings = new Endings()
const folder = mkdtempSync(join(tmpdir(), 'mizani-drill-'))
endings.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
process.once('SIGINT', () => void endings.end().then(() => process.exit(130)))

const tally = new Tally()
let acts = 0
let rounds = 0
const passed = (): number => (performance.now() - started) / 1_000
async function played(): Promise<void> {
  const drill = await Drill.start(folder, new Random(seed), endings)
  do {
    for (const actor of ACTORS) {
      const found = await drill.tryAll(actor, 3)
      tally.note(found)
      acts += found.acts
    }
    rounds++
  } while (passed() < seconds)
}
await played().finally(() => endings.end())

let faults = 0
for (const { actor, areas, more, less } of tally.rows()) {
  faults += more.length + less.length
  const said = more.length + less.length === 0 ? 'as written' : `MORE: ${more.join(', ')}; LESS: ${less.join(', ')}`
  console.log(`${actor.padEnd(15)} ${areas.join(', ') || 'nothing'} (${said})`)
}
const verdict = faults === 0 ? 'pass' : 'FAIL'
console.log(
  `${verdict}: ${acts} acts in ${rounds} rounds, ${passed().toFixed(0)} s, seed ${seed}, ${faults} differences`,
)
process.exitCode = faults === 0 ? 0 : 1
