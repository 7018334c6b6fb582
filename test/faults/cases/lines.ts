// The way between an edge and its store: silent, torn, slow, stopped up, or taken by two hundred at once.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MAX_DELTAS_KEPT } from '../../../src/runtime/limits.js'
import { keys } from '../../../src/wire/redis-keys.js'
import type { Case, Trial } from '../case.js'
import { latencies, p99 } from '../latency.js'
import { bySatellite } from '../satellite.js'
import { storm } from '../storm.js'
import { EDGES, LEASE, PLANE, RECOVERY, TICK } from '../world.js'

async function silent(trial: Trial): Promise<void> {
  const world = await trial.world()
  const line = world.lines.get('east')!
  const before = line.accepted
  line.hold()
  // Found out within 2 s; then comes the pause by which edges do not all come back at once.
  await trial.soon(2_000 + 300, 'the edge begins anew', () => line.accepted > before)
  await trial.soon(4 * TICK, 'it is STALE', () => world.stateOf('east') === 'STALE')
  await sleep(trial.long ? 17_000 : 4_000)
  line.heal()
  await trial.soon(5_000, 'it is FRESH', () => world.isFresh('east'))
  await world.verify(trial)
}

async function torn(trial: Trial): Promise<void> {
  const world = await trial.world()
  const longest = trial.long ? 2_000 : 400
  for (let k = 0; k < 100; k++) {
    const line = world.lines.get(world.random.pick(EDGES))!
    line.cut()
    await sleep(world.random.between(50, longest))
    line.heal()
    await sleep(world.random.between(0, longest))
  }
  await world.verify(trial)
}

async function slow(trial: Trial): Promise<void> {
  const world = await trial.world()
  const time = trial.long ? 60_000 : 12_000
  const usual = await latencies(world, 'west', time / 2)
  world.lines.get('east')!.quality = { delay: [300, 300], bytesPerSecond: 50_000 }
  const [slowed, others] = await Promise.all([latencies(world, 'east', time), latencies(world, 'west', time)])
  world.lines.get('east')!.quality = {}
  trial.check(
    slowed.length > 0 && p99(slowed) <= 3_000,
    `published to applied on the slow line: p99 ${p99(slowed).toFixed(0)} ms`,
  )
  trial.note(`the others: p99 ${p99(usual).toFixed(0)} ms before, ${p99(others).toFixed(0)} ms meanwhile`)
  await world.verify(trial)
}

async function stopped(trial: Trial): Promise<void> {
  const world = await trial.world()
  const [host, line] = [world.hosts.get('east')!, world.lines.get('east')!]
  const limit = 256 * 1_024
  await world.owner.config('SET', 'client-output-buffer-limit', `pubsub ${limit} ${limit} 2`)
  const memory = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${world.volatile.pid}/status`, 'utf8'))![1])
  host.stop()
  const before = memory()
  // More than every buffer on the way holds, so that the server's own fills.
  const ballast = Buffer.alloc(1_024 * 1_024, 'x')
  let cut = false
  for (let k = 0; k < 40 && !cut; k++) {
    cut = (await world.owner.publish(world.keysOf('east').down, ballast)) < 2
    await sleep(100)
  }
  trial.check(cut, 'the store cuts off who does not read')
  const grown = (memory() - before) / 1_024
  trial.check(grown < 16, `the store has grown by ${grown.toFixed(1)} MiB`)
  await sleep(trial.long ? 24_000 : 2_000)
  host.goOn()
  await trial.soon(5_000, 'the edge is FRESH', () => world.isFresh('east'))
  trial.note(`${line.accepted} connections in all`)
  await world.verify(trial)
}

async function behind(trial: Trial): Promise<void> {
  const world = await trial.world()
  const line = world.lines.get('east')!
  const { snap } = world.keysOf('east')
  const seqOf = async (): Promise<number> => Number(await world.owner.hget(keys(PLANE).head, 'seq'))
  for (const missed of [1, 3, ...(trial.long ? [10, MAX_DELTAS_KEPT + 1] : [])]) {
    let reads = 0
    line.sent = (bytes) => {
      if (/\bget\b/i.test(bytes.toString('latin1')) && bytes.includes(snap)) reads++
    }
    const first = await seqOf()
    line.cut()
    const limit = missed * TICK + 3_000
    await trial.soon(limit, `${missed} publications are missed`, async () => (await seqOf()) >= first + missed)
    line.heal()
    await trial.soon(RECOVERY, 'it has caught up', async () => reads > 0 && (await world.isWell()))
    line.sent = () => {}
    trial.check(reads <= 3, `${reads} readings of the snapshot, however much was missed`)
    await sleep(LEASE / 4)
  }
  await world.verify(trial)
}

export const LINES: readonly Case[] = [
  {
    ...{ number: 6, name: 'the line is silent' },
    done: 'nothing is forwarded between an edge and its store, and nobody is told, for 8 s (20 s with --long)',
    holds: 'the edge notices <= 2 s and begins anew, STALE at 3 s, FRESH <= 5 s after the heal',
    run: silent,
  },
  {
    ...{ number: 7, name: 'the line is torn a hundred times' },
    done: 'lines of three edges cut and healed 100 times, 0.05 to 0.4 s each (2 s with --long)',
    holds: 'nothing goes back; every edge ends on the newest content',
    run: torn,
  },
  {
    ...{ number: 8, name: 'the line is slow, or leads over a satellite' },
    done: '+300 ms each way and 50 kB/s; then 600 +- 200 ms, 2 % loss, 64 kbit/s for 1 minute (10 with --long)',
    holds: 'published to applied p99 <= 3 s, the others as before; by satellite <= 5 s, never STALE, never made anew',
    run: async (trial) => {
      await slow(trial)
      await bySatellite(trial, trial.long ? 10 : 1)
    },
  },
  {
    ...{ number: 9, name: 'an edge does not read' },
    done: 'SIGSTOP of an edge, 40 MB published to it under a buffer limit of 256 kB',
    holds: 'the store cuts it off and does not grow; FRESH <= 5 s after SIGCONT',
    run: stopped,
  },
  {
    ...{ number: 29, name: 'an edge has missed publications' },
    done: 'its line cut for 1 and 3 publications (10 and 65 with --long)',
    holds: 'it reads the snapshot, at most three times, and ends on it',
    run: behind,
  },
  {
    ...{ number: 30, name: 'two hundred come back at once' },
    done: '200 edges in a second process, their line cut for 20 s (60 s with --long), then healed',
    holds: 'all FRESH <= 10 s; at most 3 attempts each; the store is busy for <= 3 s',
    run: storm,
  },
]
