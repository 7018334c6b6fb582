// Controllers die, sleep, are called alike, lose their clock, or have no time for anybody.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { LEADER_LEASE } from '../../../src/publish/election.js'
import { isRefusal } from '../../../src/wire/bytes.js'
import { decodeRates } from '../../../src/wire/codec.js'
import { keys } from '../../../src/wire/redis-keys.js'
import { type Case, provenBy, type Trial } from '../case.js'
import type { Says, Stands } from '../edge-process.js'
import { ControllerProcess } from '../processes.js'
import { killLeaders } from '../publications.js'
import { hasProgram } from '../redis-server.js'
import { EDGES, LEASE, PLANE, RECOVERY, TICK, type World } from '../world.js'
import { rename } from './policy.js'

const FAULT_INJECTION = new URL('../fault-injection.js', import.meta.url)
const HOUR = 3_600_000

const epochOf = async ({ owner }: World): Promise<number> => Number(await owner.hget(keys(PLANE).head, 'epoch'))

async function toldRevision(world: World, edge: string): Promise<number> {
  const bytes = await world.owner.getBuffer(world.keysOf(edge).snap)
  const message = bytes === null ? null : decodeRates(bytes, { edge })
  return message === null || isRefusal(message) ? 0 : message.revision
}

async function betweenWordAndDeed(trial: Trial): Promise<void> {
  const world = await trial.world()
  for (let k = 0; k < (trial.long ? 5 : 2); k++) {
    const [leader] = await world.leaderAndStandby()
    // It can still acknowledge, and no longer publish.
    world.toVolatile.cut()
    const { revision } = await rename(world, leader)
    leader.kill()
    world.toVolatile.heal()
    const limit = LEADER_LEASE + 2 * TICK
    await trial.soon(limit, `revision ${revision} is published`, async () =>
      (await Promise.all(EDGES.map((edge) => toldRevision(world, edge)))).every((told) => told === revision),
    )
    await world.verify(trial)
    await world.startController()
  }
}

async function namesakes(trial: Trial): Promise<void> {
  const world = await trial.world()
  await world.startController({ id: 'mwanza' })
  const { toDurable, toVolatile } = world
  const second = new ControllerProcess(
    {
      ...{ id: 'mwanza', plane: join(world.folder, PLANE), data: join(trial.folder, 'second') },
      env: {
        MIZANI_EDGE_KEYS: join(world.folder, 'edge-keys.json'),
        MIZANI_SEALING_KEY: join(world.folder, 'sealing-key.json'),
      },
      durableUrl: `redis://127.0.0.1:${toDurable.port}`,
      volatileUrl: `redis://127.0.0.1:${toVolatile.port}`,
    },
    trial,
  )
  await trial.soon(30_000, 'the second ends', () => !second.runs)
  trial.check(second.child.exitCode === 1, `with exit code ${second.child.exitCode}`)
  trial.check(/A controller named mwanza runs already/.test(second.log()), 'and says why')
  await world.verify(trial)
  world.controllers.at(-1)!.kill('SIGTERM')
  await trial.soon(10_000, 'the first is stopped', () => !world.controllers.at(-1)!.runs)
  const third = await world.startController({ id: 'mwanza' })
  trial.check(third.runs, 'then the name is free')
  third.kill()
  await world.verify(trial)
}

async function nobody(trial: Trial): Promise<void> {
  const world = await trial.world()
  for (const controller of world.controllers) controller.kill()
  await trial.soon(LEASE + 2_000, 'all are SAFE', () => EDGES.every((edge) => world.stateOf(edge) === 'SAFE'))
  await sleep(trial.long ? 300_000 : LEASE + TICK)
  world.witness.weigh()
  const before = new Map(world.witness.standing)
  const first = world.witness.events.length
  const controller = await world.startController()
  let learned = 0
  await trial.soon(RECOVERY, 'it has learned', async () => {
    const { learning, seq } = await controller.status()
    if (learning) learned = seq
    return !learning
  })
  trial.check(learned > 0, 'it was seen learning')
  await sleep(TICK)
  const since = world.witness.events.slice(first)
  /** The publication that an edge had applied when its rates were like this. */
  const seqOf = ({ edge, at }: Stands): number =>
    since.find((e): e is Says => e.kind === 'says' && e.edge === edge && e.at >= at)?.applied?.seq ??
    Number.POSITIVE_INFINITY
  const risen = since.filter(
    (e): e is Stands =>
      e.kind === 'stands' &&
      seqOf(e) <= learned &&
      e.rates.some(([key, kbps]) => kbps > (before.get(e.edge)?.get(key) ?? Number.POSITIVE_INFINITY)),
  )
  trial.check(risen.length === 0, `up to publication ${learned}, while it learns, nothing rises (${risen.length} did)`)
  await world.verify(trial)
  await world.startController()
}

async function clockJumps(trial: Trial): Promise<void> {
  const world = await trial.world()
  const faulty = await world.startController({ before: [FAULT_INJECTION] })
  for (const controller of world.controllers) if (controller !== faulty) controller.kill()
  await trial.soon(LEADER_LEASE + 2 * TICK, 'it leads', async () => (await faulty.status()).leads)
  await world.verify(trial)
  const [epoch, since] = [await epochOf(world), Number(process.hrtime.bigint()) / 1e6]
  const override = {
    patch: { on: { institution: 'inst-003' }, tier: 'small' },
    seconds: 1_800,
    reason: 'for half an hour',
  }
  const { id } = await faulty.api.post<{ id: string }>('/v1/overrides', override)
  const active = async (): Promise<number> =>
    (await faulty.api.get<{ items: unknown[] }>('/v1/overrides?state=active')).items.length
  trial.check((await active()) === 1, 'an override of half an hour holds')
  // Each signal moves the clocks on: an hour ahead, an hour behind, a leap second, and back.
  for (const [jump, ended] of [
    ['an hour on', 0],
    ['an hour back', 1],
    ['a second', 1],
  ] as const) {
    faulty.child.kill('SIGUSR2')
    for (const host of new Set(world.hosts.values())) host.child.kill('SIGUSR2')
    await sleep(3 * TICK)
    trial.check((await active()) === ended, `${jump}: the override ${ended === 1 ? 'holds' : 'is over'}`)
  }
  await faulty.api.delete(`/v1/overrides/${id}`, { reason: 'over' })
  trial.check((await epochOf(world)) === epoch, 'the leader stays')
  const left = world.witness.events.filter((s) => s.kind === 'says' && s.at > since && s.state !== 'FRESH')
  trial.check(left.length === 0, 'no edge leaves FRESH')
  await world.verify(trial)
  await world.startController()
  faulty.kill()
}

async function storeClock(trial: Trial): Promise<void> {
  const world = await trial.world()
  const shim = join(trial.folder, 'behind.so')
  const source = fileURLToPath(new URL('../behind.c', import.meta.url))
  const built = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', shim, source, '-ldl'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  const before = await epochOf(world)
  await world.volatile.kill()
  await world.volatile.start({ env: { LD_PRELOAD: shim, CLOCK_BEHIND: String(HOUR / 1_000) } })
  await trial.soon(RECOVERY, 'somebody leads', async () => (await epochOf(world).catch(() => 0)) > 0)
  const [seconds] = (await world.owner.time()) as unknown as [number]
  trial.check(Date.now() / 1_000 - Number(seconds) > 3_500, 'the clock of the store is an hour behind')
  const after = await epochOf(world)
  trial.check(after > before, `the epoch rises by ${after - before}, although store and clock know nothing of it`)
  await world.verify(trial)

  // The whole machine: who leads next has heard of no edge when its term begins.
  for (const controller of [...world.controllers]) controller.kill()
  await world.volatile.kill()
  await world.volatile.start({ env: { LD_PRELOAD: shim, CLOCK_BEHIND: String((2 * HOUR) / 1_000) } })
  await world.startController()
  const isAbove = async (): Promise<boolean> => (await epochOf(world)) > after
  await trial.soon(RECOVERY, 'a controller that knew nothing begins a term above it as well', isAbove)
  await world.startController()
  await world.verify(trial)
  await world.volatile.kill()
  await world.volatile.start()
  await world.verify(trial)
}

async function noTime(trial: Trial): Promise<void> {
  const world = await trial.world()
  const faulty = await world.startController({ before: [new URL('?block', FAULT_INJECTION)] })
  for (const controller of world.controllers) if (controller !== faulty) controller.kill()
  await trial.soon(LEADER_LEASE + 2 * TICK, 'it leads', async () => (await faulty.status()).leads)
  await world.startController()
  await world.verify(trial)
  const epoch = await epochOf(world)
  faulty.child.kill('SIGUSR2')
  await sleep(LEADER_LEASE + 2 * TICK)
  trial.check((await epochOf(world)) === epoch, 'it leads all the same: ticks have a thread of their own')
  await world.verify(trial)
  const answers = async (): Promise<boolean> => (await faulty.status()).leads
  await trial.soon(10_000, 'when it has time again it answers', answers)
  await world.verify(trial)
}

const needsCompiler = (): string | null =>
  hasProgram('gcc', '--version') ? null : 'gcc is not installed: the clock of a store cannot be set back'

export const LEADERS: readonly Case[] = [
  {
    ...{ number: 19, name: 'a leader dies at any moment' },
    done: 'SIGKILL of a process that publishes to 8 edges without pause, at 40 random instants (200 with --long)',
    holds: 'every publication is there for all edges or for none; each message is of one publication; seq without gap',
    run: (trial) => killLeaders(trial, trial.long ? 200 : 40),
  },
  {
    ...{ number: 20, name: 'a leader dies between word and deed' },
    done: 'SIGKILL of the leader when it has acknowledged an edit that it could not publish, twice',
    holds: 'the other one publishes the edit <= lease + 2 ticks',
    run: betweenWordAndDeed,
  },
  {
    ...{ number: 21, name: 'two controllers of one name' },
    done: 'a second controller started with --id of a running one; a third after the first was stopped',
    holds: 'the second does not start, says why, publishes nothing; then the name is free',
    run: namesakes,
  },
  {
    ...{ number: 22, name: 'leaders sleep' },
    done: 'SIGSTOP and SIGCONT of the leader, every fourth time, and the last, SIGKILL: 6 takeovers (100 with --long)',
    holds: 'one writer an epoch, no gap; takeover within two leases',
    run: provenBy({ file: 'faults/leaders.test.ts', env: (long) => ({ TAKEOVERS: long ? '100' : '6' }) }),
  },
  {
    ...{ number: 23, name: 'nobody leads' },
    done: 'SIGKILL of all controllers, two leases without any (5 minutes with --long), then one',
    holds: 'SAFE at the end of the lease; while the new leader learns nothing rises',
    run: nobody,
  },
  {
    ...{ number: 24, name: 'clocks jump' },
    done: 'wall clocks of controller and edges an hour on, an hour back, a second on; civil time by the policy tests',
    holds: 'no edge leaves FRESH, the leader stays; an override follows the clock',
    run: async (trial) => {
      await clockJumps(trial)
      await provenBy({ file: 'policy/holding.test.ts' })(trial)
    },
  },
  {
    ...{ number: 25, name: 'the store forgets, and its clock is an hour behind' },
    done: 'the rates store restarted, empty, its clock set back by a preloaded library; then the controllers as well',
    holds: 'the next epoch is above every one that an edge holds',
    run: storeClock,
    obstacle: needsCompiler,
  },
  {
    ...{ number: 47, name: 'a leader has no time for people' },
    done: 'the event loop that answers blocked for 10 s (a whole process that stands still: see 22)',
    holds: 'ticks go on, it leads throughout and edges are FRESH; then it answers',
    run: noTime,
  },
]
