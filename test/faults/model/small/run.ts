// `npm run model:all -- [DEPTH] [--threads N]`: every order of so many events in a small world, with what it saw and
// how long it took. `--planted` makes each mistake in turn, which it must find, and `--mistake NAME` one of them;
// `--replay 'STORY'` tells a story that was printed once more, step by step.

import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { breachOf } from './breach.js'
import { MISTAKES } from './mistakes.js'
import { type Found, search } from './search.js'
import { begin, happen, numbersOf } from './story.js'

const PROGRESS_EVERY = 20_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: `${Math.min(2, availableParallelism())}` },
    planted: { type: 'boolean', default: false },
    mistake: { type: 'string' },
    replay: { type: 'string' },
  },
})
const depth = Number(positionals[0] ?? 5)
const threads = Number(values.threads)
const { mistake } = values
if (!Number.isInteger(depth) || depth < 1 || !(threads >= 1) || (mistake !== undefined && !MISTAKES[mistake])) {
  console.error(
    'npm run model:all -- [DEPTH] [--threads N] [--planted] [--mistake NAME] [--replay STORY]; mistakes:\n  ' +
      Object.keys(MISTAKES).join('\n  '),
  )
  process.exit(2)
}
if (values.replay !== undefined) process.exitCode = (await replay(values.replay.split(', '))) ? 1 : 0
else if (values.planted) process.exitCode = (await planted()) ? 0 : 1
else {
  const { breach } = await timed(mistake)
  process.exitCode = (breach !== null) === (mistake !== undefined) ? 0 : 1
}

async function timed(mistake: string | undefined): Promise<Found> {
  const began = performance.now()
  const seconds = (): string => `${((performance.now() - began) / 1_000).toFixed(1)} s`
  let toldAt = began
  const found = await search({
    ...{ depth, threads, ...(mistake !== undefined && { mistake }) },
    progress: ({ states, depth: at, part }) => {
      if (performance.now() - toldAt < PROGRESS_EVERY) return
      toldAt = performance.now()
      console.log(`  ${states} states, depth ${at}, ${Math.floor(100 * part)} % of it, ${seconds()}`)
    },
  })
  const { states, depth: reached, events, breach } = found
  const verdict = breach ? `a breach: ${breach.what}` : 'no breach'
  console.log(
    `${mistake === undefined ? '' : `${mistake}: `}${states} states, depth ${reached}, ${events} events, ${verdict}, ` +
      `${threads} ${threads === 1 ? 'core' : 'cores'}, ${seconds()}, load average ${loadavg()[0]!.toFixed(1)}`,
  )
  if (breach) {
    const made = mistake === undefined ? '' : ` --mistake '${mistake}'`
    console.log(`  npm run model:all --${made} --replay '${breach.story.join(', ')}'`)
  }
  return found
}

/** Whether each is found. */
async function planted(): Promise<boolean> {
  const missed: string[] = []
  for (const name of Object.keys(MISTAKES)) if ((await timed(name)).breach === null) missed.push(name)
  const all = Object.keys(MISTAKES).length
  console.log(`${all - missed.length} of ${all} planted mistakes are found`)
  for (const name of missed) console.log(`  ${name} is not`)
  return missed.length === 0
}

/** Whether it breaks something. */
async function replay(story: readonly string[]): Promise<boolean> {
  const [beginning, ...events] = numbersOf(story)
  let world = await begin(beginning!)
  console.log(`${story[0]}: ${breachOf(world) ?? 'as it should be'}`)
  for (const [n, event] of events.entries()) {
    const next = await happen(world, event, mistake === undefined ? {} : MISTAKES[mistake]!)
    if (!next) throw new Error(`${story[n + 1]}: it cannot happen then`)
    world = next
    console.log(`${n + 1}. ${story[n + 1]}: ${breachOf(world) ?? 'as it should be'}`)
  }
  return breachOf(world) !== null
}
