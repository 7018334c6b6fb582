// An edge behind a satellite: 600 +- 200 ms to and fro, one segment in fifty lost, 64 kbit/s. Its profile says what
// line it has, and its timers follow: it must not take an ordinary minute for a failure.
//
//   npm run satellite [-- --minutes N]      ten minutes unless said otherwise; the last line is the verdict

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Trial } from './case.js'
import { latencies, p99 } from './latency.js'
import { Stage, trialOf } from './stage.js'
import { planeOf } from './world.js'

const LINE = { delay: [200, 400], bytesPerSecond: 8_000, loss: 0.02 } as const
const EDGE = 'west'
const LEASE = 60_000

export async function bySatellite(trial: Trial, minutes: number): Promise<void> {
  const document = planeOf(LEASE)
  document.edges[EDGE]!.line = 'satellite'
  const world = await trial.world({ document, controllers: 1 })
  const line = world.lines.get(EDGE)!
  line.quality = LINE
  world.hosts.get(EDGE)!.kill()
  await world.startEdges([EDGE])
  await trial.soon(30_000, 'it is FRESH', () => world.isFresh(EDGE))
  const [made, since] = [line.accepted, Number(process.hrtime.bigint()) / 1e6]
  const carried = line.carried
  const times = await latencies(world, EDGE, minutes * 60_000)
  const left = world.witness.events.filter(
    (said) => said.kind === 'says' && said.edge === EDGE && said.at > since && said.state !== 'FRESH',
  )
  trial.check(left.length === 0, `left FRESH ${left.length} times in ${minutes} min`)
  trial.check(line.accepted === made, `${line.accepted - made} connections were made anew`)
  trial.check(times.length > 0 && p99(times) <= 5_000, `published to applied p99 ${p99(times).toFixed(0)} ms`)
  const kbps = (bytes: number): string => ((bytes * 8) / (minutes * 60_000)).toFixed(1)
  const [up, down] = line.carried.map((bytes, way) => kbps(bytes - carried[way]!))
  trial.note(`${times.length} contents; ${up} kbit/s up, ${down} down`)
  await world.verify(trial)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
  })
  const stage = new Stage(Number(values.seed))
  const breaches: string[] = []
  const seen: string[] = []
  const trial = trialOf({
    ...{ stage, name: 'satellite', long: true, timed: false },
    check: (holds, what) => void (holds ? seen : breaches).push(what),
    note: (fact) => void seen.push(fact),
  })
  await bySatellite(trial, Number(values.minutes))
  await trial.end()
  await stage.close()
  for (const what of seen) console.log(`  ${what}`)
  for (const what of breaches) console.log(`  BREACH ${what}`)
  console.log(`satellite: seed ${values.seed}, ${values.minutes} min: ${breaches.length === 0 ? 'holds' : 'BREACHED'}`)
  process.exit(breaches.length === 0 ? 0 : 1)
}
