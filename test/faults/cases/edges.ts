// The edge itself: it dies, forgets, is told lies, or does not answer.

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { compareSerial, type RateRecord } from '../../../src/model/lease.js'
import { GRACE } from '../../../src/publish/edge-lease.js'
import { isRefusal } from '../../../src/wire/bytes.js'
import { decodeRates, encodeRates } from '../../../src/wire/codec.js'
import type { RateMessage } from '../../../src/wire/messages.js'
import { keys } from '../../../src/wire/redis-keys.js'
import { type Case, provenBy, type Trial } from '../case.js'
import type { Says } from '../edge-process.js'
import { EdgeProcess } from '../processes.js'
import { codeOf } from '../redis-server.js'
import { LEASE, LOAD, PLANE, RECOVERY, TICK, type World } from '../world.js'

const clock = (): number => Number(process.hrtime.bigint()) / 1e6

/** The newest snapshot of an edge as the store holds it. */
async function newestOf(world: World, edge: string): Promise<{ bytes: Buffer; message: RateMessage }> {
  const bytes = (await world.owner.getBuffer(world.keysOf(edge).snap))!
  const message = decodeRates(bytes, { edge })
  if (isRefusal(message)) throw new Error(message.detail)
  return { bytes, message }
}

const appliedBy = (world: World, edge: string): string => JSON.stringify(world.witness.said.get(edge)!.applied)

async function dies(trial: Trial): Promise<void> {
  const world = await trial.world()
  for (let k = 0; k < 3; k++) {
    world.hosts.get('east')!.kill()
    await sleep(world.random.between(50, 1_500))
    const since = clock()
    await world.startEdges(['east'])
    const stands = world.witness.events.find(
      (said) => said.kind === 'stands' && said.edge === 'east' && said.at > since,
    )
    const rates = stands?.kind === 'stands' ? stands.rates.length : 0
    trial.check(rates > 0, `${rates} rates of its memory are in force before it listens`)
    await trial.soon(3_000, 'it is FRESH', () => world.isFresh('east'))
  }
  await world.verify(trial)
}

/** A machine is cloned with its state folder, and both run. */
async function isCloned(trial: Trial): Promise<void> {
  // Longer than it takes until another leads.
  const lease = 2 * LEASE
  const world = await trial.world({ controllers: 2, lease })
  const folder = join(world.folder, 'clone')
  cpSync(world.stateDir, folder, { recursive: true })
  const said: Says[] = []
  const since = clock()
  const on = { boot: 'c'.repeat(16), machine: 'cccccccc', place: 'gw-copy 10.9.9.9' }
  const clone = new EdgeProcess(
    {
      ...{ plane: PLANE, stateDir: folder, seed: 1, load: LOAD, on },
      edges: [{ edge: 'east', url: `redis://127.0.0.1:${world.toVolatile.port}` }],
    },
    (one) => void (one.kind === 'says' && said.push(one)),
    trial,
  )
  await clone.started()
  await trial.soon(3_000, 'the copy is refused, and told', () => said.at(-1)?.refusal === 'SECOND')
  const applied = world.witness.said.get('east')!.applied!
  const alarms = async (): Promise<string> =>
    (await Promise.all(world.controllers.filter(({ runs }) => runs).map(({ api }) => api.get('/v1/alarms'))))
      .map((all) => JSON.stringify(all))
      .join()
  const names = /EDGE_TWICE.*east \([^)]*\S+[^)]*, gw-copy 10\.9\.9\.9\)/
  await trial.soon(5_000, 'an alarm names both places', async () => names.test(await alarms()))
  await sleep(lease + 2 * TICK)
  const [leader] = await world.leaderAndStandby()
  leader.kill()
  await trial.soon(RECOVERY, 'who leads next has the same first', async () => (await world.leader()) !== null)
  await sleep(lease)
  const events = world.witness.events.filter((event) => event.kind === 'says' && event.edge === 'east')
  const disturbed = events.filter((event) => event.kind === 'says' && event.at > since && event.refusal !== null)
  trial.check(disturbed.length === 0, `the first refused nothing: ${disturbed.length} times`)
  const lately = events.filter((event) => event.kind === 'says' && event.at > since && event.state === 'SAFE')
  trial.check(lately.length === 0, 'and was never on safe rates')
  trial.check(compareSerial(world.witness.said.get('east')!.applied!, applied) > 0, 'what it applies goes on')
  trial.check(said.at(-1)?.state === 'SAFE', 'the copy is on safe rates')
  const cut = clock()
  world.lines.get('east')!.cut()
  await sleep(2 * lease)
  trial.check(said.at(-1)?.state === 'SAFE', 'though the line of the first is cut for two leases')
  world.lines.get('east')!.heal()
  await trial.soon(RECOVERY, 'the first goes on afterwards', () => world.isFresh('east'))
  const taken = said.filter(({ at, state }) => at > cut && state === 'FRESH')
  trial.check(taken.length === 0, 'and the copy has had nothing meanwhile')
  const { api } = (await world.leader())!
  await api.post('/v1/edges/east/replace')
  await trial.soon(RECOVERY, 'a person may say that it is the copy', () => said.at(-1)?.state === 'FRESH')
  const shown = async (): Promise<boolean> => JSON.stringify(await api.get('/v1/edges/east')).includes('"gw-copy ')
  await trial.soon(RECOVERY, 'which is shown then', shown)
  for (const agent of [clone, world.hosts.get('east')!]) agent.kill()
  await api.post('/v1/edges/east/replace')
  await world.startEdges(['east'])
  await sleep(lease + TICK)
  await world.verify(trial)
}

async function diesWithoutStore(trial: Trial): Promise<void> {
  // Long enough for a process to start in, on a machine that does other things.
  const lease = 20_000
  const world = await trial.world({ lease, controllers: 1 })
  await trial.soon(RECOVERY, 'it has acknowledged', () => world.isFresh('east'))
  world.lines.get('east')!.cut()
  world.hosts.get('east')!.kill()
  await sleep(500)
  await world.startEdges(['east'])
  trial.check(world.stateOf('east') !== 'SAFE', `${world.stateOf('east')} within its lease: the last good rates hold`)
  await trial.soon(lease + 1_000, 'SAFE once it is over', () => world.stateOf('east') === 'SAFE')
  world.hosts.get('east')!.kill()
  await world.startEdges(['east'])
  trial.check(world.stateOf('east') === 'SAFE', 'restarted after it, it is SAFE from the beginning')
  world.lines.get('east')!.heal()
  await world.verify(trial)
}

async function forgets(trial: Trial): Promise<void> {
  const world = await trial.world()
  const file = join(world.stateDir, 'east.json')
  const good = (): string => readFileSync(file, 'utf8')
  const damages: readonly [string, () => string][] = [
    ['one byte changed', () => good().replace(/(\d)/, (d) => String((Number(d) + 1) % 10))],
    ['empty', () => ''],
    ['of another edge', () => readFileSync(join(world.stateDir, 'west.json'), 'utf8')],
    ['half', () => good().slice(0, good().length / 2)],
  ]
  for (const [what, damaged] of damages) {
    world.hosts.get('east')!.kill()
    world.lines.get('east')!.hold()
    const text = damaged()
    writeFileSync(file, text)
    await world.startEdges(['east'])
    trial.check(world.witness.said.get('east')!.state === 'SAFE', `memory that is ${what} is no memory`)
    world.lines.get('east')!.heal()
    await trial.soon(RECOVERY, 'it is FRESH', () => world.isFresh('east'))
  }
  await world.verify(trial)
}

async function mutated(trial: Trial): Promise<void> {
  const world = await trial.world()
  const { down } = world.keysOf('east')
  // Nothing else comes meanwhile.
  for (const controller of world.controllers) controller.stop()
  await sleep(2 * TICK)
  const { bytes } = await newestOf(world, 'east')
  const [before, rates] = [appliedBy(world, 'east'), JSON.stringify([...(world.witness.standing.get('east') ?? [])])]
  const blobs = 20_000
  await world.witness.unheard(async () => {
    for (let k = 0; k < blobs; k += 100) {
      const pipeline = world.owner.pipeline()
      for (let i = 0; i < 100; i++) {
        const damaged = Buffer.from(bytes)
        for (let flips = 1 + Math.floor(world.random.next() * 4); flips > 0; flips--) {
          const bit = Math.floor(world.random.next() * damaged.length * 8)
          damaged[bit >> 3]! ^= 1 << (bit & 7)
        }
        pipeline.publish(down, damaged)
      }
      await pipeline.exec()
    }
    await trial.soon(6_000, 'the refusal is told', () => world.witness.said.get('east')!.refusal !== null)
  })
  trial.check(appliedBy(world, 'east') === before, `${blobs} damaged messages: none is applied`)
  trial.check(rates === JSON.stringify([...(world.witness.standing.get('east') ?? [])]), 'rates stand')
  for (const controller of world.controllers) controller.goOn()
  await world.verify(trial)
}

async function oversized(trial: Trial): Promise<void> {
  const world = await trial.world()
  const { down } = world.keysOf('east')
  const { bytes } = await newestOf(world, 'east')
  const pid = world.hosts.get('east')!.child.pid
  const memory = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024
  const before = memory()
  for (let k = 0; k < 20; k++) {
    await world.owner.publish(down, Buffer.alloc(1_000_000, k))
    // Counts that lie: the largest varint wherever one may stand.
    const lying = Buffer.from(bytes)
    lying.fill(0xff, 32 + Math.floor(world.random.next() * 60), lying.length)
    await world.owner.publish(down, lying)
  }
  await sleep(TICK)
  const grown = memory() - before
  trial.check(grown < 60, `20 MB of nonsense and 20 lying counts: the edge has grown by ${grown.toFixed(1)} MiB`)
  await world.verify(trial)
}

async function foreign(trial: Trial): Promise<void> {
  const world = await trial.world()
  const { down } = world.keysOf('east')
  for (const controller of world.controllers) controller.stop()
  await sleep(2 * TICK)
  const { message } = await newestOf(world, 'east')
  const next = { ...message, seq: message.seq + 1_000 }
  const [first] = message.records as readonly [RateRecord, ...RateRecord[]]
  const lies: readonly [string, RateMessage][] = [
    ['FOREIGN', { ...next, edge: 'west' }],
    ['BOUNDS', { ...next, records: [{ ...first, rate: 3e9, classes: [3e9, 0] }] }],
    ['PROFILE', { ...next, records: [{ ...first, institution: 60_000 }] }],
    ['PROFILE', { ...next, profile: '0123456789abcdef' }],
  ]
  await world.witness.unheard(async () => {
    for (const [code, lie] of lies) {
      const before = appliedBy(world, 'east')
      await world.owner.publish(down, encodeRates(lie))
      await trial.soon(2_000, `refused as ${code}`, () => world.witness.said.get('east')!.refusal === code)
      trial.check(appliedBy(world, 'east') === before, 'and nothing of it is applied')
    }
  })
  for (const controller of world.controllers) controller.goOn()
  await world.verify(trial)
}

async function replayed(trial: Trial): Promise<void> {
  const world = await trial.world()
  const { down, delta } = world.keysOf('east')
  const heard = await world.owner.xrangeBuffer(delta, '-', '+')
  const old = heard.slice(0, -1).map(([, fields]) => fields[1]!)
  await world.witness.unheard(async () => {
    for (let round = 0; round < 20; round++) {
      for (const bytes of old) await world.owner.publish(down, bytes)
      await sleep(50)
    }
  })
  trial.note(`${old.length} old messages, 20 times each`)
  trial.check(old.length > 0, 'there was something to replay')
  await world.verify(trial)
}

async function forged(trial: Trial): Promise<void> {
  const world = await trial.world()
  const { head } = keys(PLANE)
  const [epoch, seq] = await world.owner.hmget(head, 'epoch', 'seq')
  const { snap, profile, delta, down } = world.keysOf('east')
  for (const [forgedEpoch, leader] of [
    [Number(epoch) + 1e9, 'stranger'],
    [Number(epoch), 'stranger'],
  ] as const) {
    const args = [forgedEpoch, Number(seq) + 1, leader, 60_000, 64, 'm', down, '', 'x', 'x'].map(String)
    const verdict = String(
      await codeOf(world.owner.call('FCALL', 'mizani_publish_3', 4, head, profile, snap, delta, ...args)),
    )
    trial.check(/FENCED/.test(verdict), `a publication under epoch ${forgedEpoch - Number(epoch)} + ours is fenced`)
  }
  trial.check((await world.owner.getBuffer(snap))!.length > 1, 'the snapshot is as it was')
  await world.verify(trial)
  await provenBy({ file: 'served/stores.test.ts', only: [/the volatile store/, /nothing else/] })(trial)
}

async function mute(trial: Trial): Promise<void> {
  const world = await trial.world()
  const [leader] = await world.leaderAndStandby()
  world.witness.weigh()
  world.lines.get('west')!.hold()
  // Everybody behind west is worth less now, and everybody behind east gets what they leave.
  const began = clock()
  const { id } = await leader.api.post<{ id: string }>('/v1/overrides', {
    ...{ patch: { on: { institution: 'inst-003' }, tier: 'small' }, seconds: 600, reason: 'faults' },
  })
  await sleep(LEASE / 2)
  world.witness.weigh()
  await sleep(LEASE / 2 + GRACE + 2 * TICK)
  world.witness.weigh()
  trial.note(`silent for ${((clock() - began) / 1_000).toFixed(1)} s while its rates should fall`)
  trial.check(world.stateOf('west') === 'SAFE', 'the silent edge ends SAFE')
  world.lines.get('west')!.heal()
  await world.verify(trial)
  await (await world.leader())!.api.delete(`/v1/overrides/${id}`, { reason: 'over' })
}

export const EDGE_CASES: readonly Case[] = [
  {
    ...{ number: 26, name: 'an edge dies' },
    done: 'SIGKILL of an edge and restart, three times, with the store there',
    holds: 'its remembered rates are in force before it listens; FRESH <= 3 s',
    run: dies,
  },
  {
    ...{ number: 27, name: 'an edge dies while its store is away' },
    done: 'SIGKILL and restart with the line cut, within the lease and after it',
    holds: 'last good rates within the lease, SAFE from its end on, also after another restart',
    run: diesWithoutStore,
  },
  {
    ...{ number: 28, name: 'an edge forgets' },
    done: 'its memory changed by a byte, emptied, cut in half, replaced by that of another edge, then restarted',
    holds: 'ignored: SAFE until it is told; FRESH <= 10 s',
    run: async (trial) => {
      await forgets(trial)
      await provenBy({ file: 'edge/agent.test.ts', only: [/memory that cannot be trusted/] })(trial)
    },
  },
  {
    ...{ number: 31, name: 'messages are damaged' },
    done: '20,000 snapshots with 1 to 4 flipped bits published to a real edge; 20,000 more through the decoder',
    holds: '0 applied, rates stand, the refusal is told <= 6 s',
    run: async (trial) => {
      await mutated(trial)
      await provenBy({ file: 'wire/codec.test.ts', only: [/20,000 damaged/] })(trial)
    },
  },
  {
    ...{ number: 32, name: 'messages are too large or lie about their size' },
    done: '20 messages of 1 MB of nonsense, 20 whose counts are the largest there is',
    holds: 'refused before anything is allocated for them; the edge does not grow',
    run: oversized,
  },
  {
    ...{ number: 33, name: 'messages for somebody else, or impossible' },
    done: 'a message for another edge, a rate above the port, an unknown institution, an unknown profile',
    holds: 'each refused with its reason, nothing applied',
    run: async (trial) => {
      await foreign(trial)
      await provenBy({ file: 'wire/codec.test.ts', only: [/every refusal has its code/] })(trial)
    },
  },
  {
    ...{ number: 34, name: 'old messages again' },
    done: 'every message that the store still holds for an edge published again, 20 times',
    holds: 'nothing goes back',
    run: replayed,
  },
  {
    ...{ number: 35, name: 'a forged term' },
    done: 'FCALL with a future epoch, and with the epoch in force under another name; PUBLISH as an edge',
    holds: 'FENCED; NOPERM. (PUBLISH by an administrator of Redis is outside the promise.)',
    run: forged,
  },
  {
    ...{ number: 64, name: 'a gateway is cloned, and both run' },
    done: 'its state folder copied to another machine and started there; the leader killed; the line of the first cut',
    holds:
      'the copy is refused <= 3 s, the first never is; both are named; the copy has nothing until a person says so',
    run: isCloned,
  },
  {
    ...{ number: 44, name: 'a silent edge whose rates should fall' },
    done: 'the line of an edge held for a lease and its grace while an override takes from it',
    holds: 'nobody gets what it may still be using before its lease is over',
    run: mute,
  },
]
