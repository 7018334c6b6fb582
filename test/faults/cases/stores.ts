// A store dies, stands still, is full, forgets, or is not the one that may be written.

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { LEADER_LEASE } from '../../../src/publish/election.js'
import { connect, untilReady } from '../../../src/runtime/redis.js'
import { keys } from '../../../src/wire/redis-keys.js'
import { type Case, provenBy, type Trial } from '../case.js'
import { startServer } from '../redis-server.js'
import { EDGES, LEASE, PLANE, RECOVERY, TICK, type World } from '../world.js'
import { rename } from './policy.js'

const { head } = keys(PLANE)

const headOf = async ({ owner }: World): Promise<{ epoch: number; seq: number; leader: string }> => {
  const [epoch, seq, leader] = await owner.hmget(head, 'epoch', 'seq', 'leader')
  return { epoch: Number(epoch), seq: Number(seq), leader: leader ?? '' }
}

/** Whether an edge was in this state since then. */
const was = (world: World, state: string, since: number): boolean =>
  world.witness.events.some((said) => said.kind === 'says' && said.at >= since && said.state === state)

const clock = (): number => Number(process.hrtime.bigint()) / 1e6

/** The status with which an edit is answered. */
const tryToEdit = (world: World): Promise<number> =>
  rename(world, world.controllers.find(({ runs }) => runs)!).then(
    () => 200,
    (error: Error) => Number(/: (\d+) /.exec(error.message)?.[1]),
  )

async function bothDie(trial: Trial): Promise<void> {
  const world = await trial.world()
  const { revision } = await world.controllers[0]!.status()
  await Promise.all([world.durable.kill(), world.volatile.kill()])
  await sleep(300)
  world.witness.weigh()
  const before = JSON.stringify(EDGES.map((edge) => [...world.witness.standing.get(edge)!]))
  await trial.soon(4 * TICK, 'edges are STALE', () => EDGES.every((edge) => world.stateOf(edge) === 'STALE'))
  world.witness.weigh()
  const after = JSON.stringify(EDGES.map((edge) => [...world.witness.standing.get(edge)!]))
  trial.check(after === before, 'rates stand, bit for bit')
  // It looks for the store for a while first: longer than the rest of the lease.
  trial.check((await tryToEdit(world)) === 503, 'an edit is answered with 503')
  await Promise.all([world.durable.start(), world.volatile.start()])
  await world.verify(trial)
  const now = await world.controllers[0]!.status()
  trial.check(now.revision === revision, 'the policy is there')
  await trial.soon(RECOVERY, 'edits are possible again', async () => (await tryToEdit(world)) === 200)
}

async function volatileForgets(trial: Trial): Promise<void> {
  const world = await trial.world()
  const [before, since] = [await headOf(world), clock()]
  await world.volatile.kill()
  await world.volatile.start()
  await trial.soon(RECOVERY, 'a new epoch', async () => (await headOf(world).catch(() => before)).epoch > before.epoch)
  await world.verify(trial)
  trial.check(!was(world, 'SAFE', since), 'no edge was SAFE')
}

async function longerThanTheLease(trial: Trial): Promise<void> {
  const lease = trial.long ? 60_000 : LEASE
  const world = trial.long ? await trial.world({ lease, controllers: 1 }) : await trial.world()
  const since = clock()
  await world.volatile.kill()
  await trial.soon(lease + 2_000, 'all are SAFE', () => EDGES.every((edge) => world.stateOf(edge) === 'SAFE'))
  for (const edge of EDGES) {
    const said = world.witness.events.flatMap((e) => (e.kind === 'says' && e.edge === edge && e.at > since ? [e] : []))
    const [stale, safe] = ['STALE', 'SAFE'].map((state) => said.find((e) => e.state === state))
    const off = safe!.at - (stale!.at + stale!.leaseLeft!)
    trial.check(
      Math.abs(off) < 1_000,
      `${edge} is SAFE ${off.toFixed(0)} ms after its lease has ended by its own clock`,
    )
  }
  await sleep(200)
  world.witness.weigh()
  const sumOf = (edge: string): number => [...world.witness.standing.get(edge)!.values()].reduce((a, b) => a + b, 0)
  const first = EDGES.map(sumOf)
  await sleep(lease + 1_500)
  world.witness.weigh()
  trial.note(`in force, kbit/s: ${first.join(', ')} at one lease, ${EDGES.map(sumOf).join(', ')} at two`)
  await world.volatile.start()
  await world.verify(trial)
}

/** `seconds` in which the volatile store answers nobody. */
async function standsStill(trial: Trial, seconds: number): Promise<void> {
  const world = await trial.world()
  world.volatile.stop()
  const end = performance.now() + seconds * 1_000
  let slowest = 0
  while (performance.now() < end) {
    const asked = performance.now()
    for (const controller of world.controllers) await controller.api.call('GET', '/v1/health/live')
    slowest = Math.max(slowest, performance.now() - asked)
    await sleep(200)
  }
  world.volatile.goOn()
  trial.check(slowest < 1_000, `controllers answer meanwhile, within ${slowest.toFixed(0)} ms`)
  await world.verify(trial)
  trial.note(`${world.witness.leaders.size} epochs, each of one controller`)
}

async function full(trial: Trial): Promise<void> {
  const world = await trial.world()
  const durable = connect(world.durable.url, 'supervisor')
  trial.teardown(() => durable.disconnect())
  await untilReady(durable, 5_000)
  await world.owner.config('SET', 'maxmemory', '1')
  await durable.config('SET', 'maxmemory', '1')
  const before = await headOf(world)
  await sleep(3 * TICK)
  const after = await headOf(world)
  trial.check(after.seq === before.seq && after.epoch === before.epoch, 'nothing is published, not in part either')
  trial.check(after.leader === before.leader, 'the leader stays')
  trial.check((await tryToEdit(world)) === 503, 'an edit is answered with 503')
  await world.owner.config('SET', 'maxmemory', '0')
  await durable.config('SET', 'maxmemory', '0')
  await world.verify(trial)
  trial.check((await tryToEdit(world)) === 200, 'and then made')
}

async function replica(trial: Trial): Promise<void> {
  const world = await trial.world()
  const args = ['--replicaof', '127.0.0.1', String(world.volatile.port), '--repl-diskless-sync-delay', '0']
  const { port } = await startServer(trial, { folder: join(trial.folder, 'replica'), args })
  const before = await headOf(world)
  world.toVolatile.leadTo(port)
  world.toVolatile.cut()
  world.toVolatile.heal()
  await sleep(3 * TICK)
  const after = await headOf(world)
  trial.check(after.seq - before.seq <= 2, 'what only a master may do is not done, and nobody says that it was')
  trial.check(
    world.controllers.every(({ runs }) => runs),
    'no controller ends',
  )
  // Whoever was refused looks for the master by itself.
  world.toVolatile.leadTo(world.volatile.port)
  await world.verify(trial)
}

async function functionsLost(trial: Trial): Promise<void> {
  const world = await trial.world()
  for (const _ of [1, 2, 3]) {
    const { seq } = await headOf(world)
    await world.owner.function('FLUSH')
    await trial.soon(2 * TICK, 'the next publication', async () => (await headOf(world)).seq > seq)
  }
  await world.verify(trial)
}

async function spikes(trial: Trial): Promise<void> {
  const world = await trial.world()
  const durable = connect(world.durable.url, 'supervisor')
  trial.teardown(() => durable.disconnect())
  await untilReady(durable, 5_000)
  const before = await headOf(world)
  const [rounds, pause] = trial.long ? [12, 4_500] : [5, 1_500]
  for (let k = 0; k < rounds; k++) {
    await world.owner.call('DEBUG', 'SLEEP', '0.5')
    await durable.call('BGREWRITEAOF').catch(() => undefined)
    await sleep(pause)
  }
  const after = await headOf(world)
  trial.check(after.leader === before.leader && after.epoch === before.epoch, 'the leader stays')
  const ticks = (rounds * (pause + 500)) / TICK
  trial.check(after.seq - before.seq >= ticks - rounds, `${after.seq - before.seq} publications in ${ticks} ticks`)
  await world.verify(trial)
}

export const STORES: readonly Case[] = [
  {
    ...{ number: 1, name: 'both stores die' },
    done: 'SIGKILL of both redis-servers, restart after 4 s (within the scaled lease of 6 s)',
    holds: 'STALE with rates unchanged bit for bit; edits 503; FRESH <= 10 s; the policy is there',
    run: bothDie,
  },
  {
    ...{ number: 2, name: 'the rates store comes back empty' },
    done: 'SIGKILL of the volatile store, which keeps nothing, and restart',
    holds: 'a higher epoch; FRESH <= 10 s; nobody SAFE',
    run: volatileForgets,
  },
  {
    ...{ number: 3, name: 'the rates store is away for longer than the lease' },
    done: 'SIGKILL of the volatile store for two leases (of 6 s; of 60 s with --long)',
    holds: 'SAFE at the echoed stamp + lease +- 1 s by the own clock, in two steps; FRESH <= 10 s afterwards',
    run: longerThanTheLease,
  },
  {
    ...{ number: 4, name: 'the rates store stands still' },
    done: 'SIGSTOP for 4 s, SIGCONT; and the same publication sent again',
    holds: 'controllers answer <= 1 s; the publication that timed out is there once',
    run: async (trial) => {
      await standsStill(trial, 4)
      await provenBy({ file: 'served/stores.test.ts', only: [/the volatile store/, /stands still/] })(trial)
    },
  },
  {
    ...{ number: 5, name: 'the rates store stands still for two terms' },
    done: 'SIGSTOP of the volatile store for twice the lease of a leader, with a standby',
    holds: 'one writer an epoch',
    run: (trial) => standsStill(trial, (2 * LEADER_LEASE) / 1_000),
  },
  {
    ...{ number: 10, name: 'memory is full' },
    done: 'maxmemory 1 at both stores under noeviction, for 3 ticks',
    holds: 'publications fail whole, the leader renews; edits 503; recovery <= 10 s',
    run: async (trial) => {
      await full(trial)
      await provenBy({ file: 'served/stores.test.ts', only: [/the volatile store/, /without memory/] })(trial)
    },
  },
  {
    ...{ number: 12, name: 'a replica where the master should be' },
    done: 'the address of the rates store leads controllers to a read-only replica, then to the master again',
    holds: 'READONLY ends no process and is no success; the master is found again without help',
    run: replica,
  },
  {
    ...{ number: 45, name: 'functions are lost' },
    done: 'FUNCTION FLUSH three times; another library under our name',
    holds: 'the next publication <= 2 ticks; another library is refused',
    run: async (trial) => {
      await functionsLost(trial)
      await provenBy({ file: 'served/stores.test.ts', only: [/the volatile store/, /functions that are lost/] })(trial)
    },
  },
  {
    ...{ number: 46, name: 'the store hesitates' },
    done: 'DEBUG SLEEP 0.5 every 2 s at the rates store, BGREWRITEAOF each time at the policy store',
    holds: 'the leader stays; at most one tick in each spike is missed',
    run: spikes,
  },
]
