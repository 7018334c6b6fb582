// Somebody who may write to the rates store copies what a gateway with a key says, through several boots, silences the
// gateway and sends the copies again, at every controller that leads afterwards.

import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../../src/runtime/redis.js'
import type { Case, Trial } from '../case.js'
import { LEASE, RECOVERY, TICK, type World } from '../world.js'

const EDGE = 'east'
/** Reports of each boot that are recorded. */
const OF_A_BOOT = 3
/** For so long copies are sent again at each leader. */
const REPLAYED_FOR = 18_000
/** Between two copies. */
const GAP = 15
/** An alarm ends half a minute after its cause. */
const ALARMS_END = 60_000
/** What a report that was on its way may still say after its gateway was silenced. */
const ON_ITS_WAY = 2_000

interface Seen {
  readonly state: string
  readonly enforcement: string
  readonly refusal: unknown
  readonly lastReport: string | null
}

const seenBy = ({ controllers }: World): Promise<readonly Seen[]> =>
  Promise.all(controllers.filter(({ runs }) => runs).map(({ api }) => api.get<Seen>(`/v1/edges/${EDGE}`)))

interface AlarmRow {
  readonly code: string
  readonly cleared: string | null
}

/** Codes of alarms that name the gateway, at who leads. */
async function namedFor(world: World): Promise<string[]> {
  const leader = await world.leader()
  const { items } = (await leader?.api.get<{ items: readonly AlarmRow[] }>('/v1/alarms')) ?? { items: [] }
  return items.filter((alarm) => JSON.stringify(alarm).includes(EDGE)).map(({ code }) => code)
}

/** One boot after the other, on a machine of its own; in the second it does what an order lifts. */
async function record(trial: Trial, world: World, boots: number): Promise<Buffer[]> {
  const recorded: Buffer[] = []
  const ears = connect(world.volatile.url, 'controller-subscriber')
  trial.teardown(() => ears.disconnect())
  ears.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => void recorded.push(Buffer.from(bytes)))
  await ears.subscribe(world.keysOf(EDGE).up)
  const order = async (enforcement: string, until: string | null): Promise<void> => {
    const { api } = (await world.leader())!
    await api.post(`/v1/edges/${EDGE}/enforcement`, { enforcement, until, reason: 'faults' })
  }
  for (let boot = 1; boot <= boots; boot++) {
    world.hosts.get(EDGE)!.kill()
    await world.startEdges([EDGE], machine(boot))
    if (boot === 2) await order('bypass', new Date(Date.now() + 3_600_000).toISOString())
    const before = recorded.length
    const isHeard = async (): Promise<boolean> =>
      recorded.length >= before + OF_A_BOOT && (await seenBy(world)).every(({ state }) => state === 'FRESH')
    await trial.soon(RECOVERY, `boot ${boot} is heard by every controller`, isHeard)
    if (boot === 2) await order('enforce', null)
  }
  ears.disconnect()
  return recorded
}

const machine = (boot: number) => ({
  ...{ boot: `${boot}`.padStart(16, 'b'), machine: 'abcdef01', place: `gw-${EDGE} 10.9.9.9` },
})

/** Sends copies for a while, and looks all the time whether a controller takes one. */
async function replay(trial: Trial, world: World, recorded: readonly Buffer[], since: number, when: string) {
  const { up, report } = world.keysOf(EDGE)
  const until = performance.now() + REPLAYED_FOR
  const named = new Set<string>()
  let [looks, taken, sent] = [0, 0, 0]
  while (performance.now() < until) {
    for (const bytes of recorded) {
      await world.owner.pipeline().set(report, bytes).publish(up, bytes).exec()
      sent++
      await sleep(GAP)
    }
    for (const { state, lastReport } of await seenBy(world)) {
      looks++
      const isNew = lastReport !== null && Date.parse(lastReport) > since + ON_ITS_WAY
      if (isNew || (state === 'FRESH' && Date.now() > since + LEASE)) taken++
    }
    for (const code of await namedFor(world)) named.add(code)
  }
  trial.note(`${when}: ${sent} copies, ${looks} looks, named ${[...named].sort().join(' ')}`)
  trial.check(looks > 0 && taken === 0, `${when}: none of ${sent} copies is taken in ${looks} looks: ${taken}`)
  trial.check(named.has('EDGE_UNPROVEN'), `${when}: an alarm names them`)
  const wrong = ['EDGE_UNORDERED', 'EDGE_NOT_CREDIBLE', 'EDGE_TWICE'].filter((code) => named.has(code))
  trial.check(wrong.length === 0, `${when}: nothing that they say is believed: ${wrong.join(' ') || 'nothing'}`)
}

async function anotherLeads(trial: Trial, world: World): Promise<void> {
  const [leader] = await world.leaderAndStandby()
  leader.kill()
  await trial.soon(RECOVERY, 'another leads', async () => (await world.leader()) !== null)
  await world.startController()
}

async function restart(trial: Trial, world: World): Promise<void> {
  for (const controller of world.controllers) controller.kill()
  world.controllers = []
  await world.startController()
  await trial.soon(RECOVERY, 'a controller that begins with nothing leads', async () => (await world.leader()) !== null)
}

/** What is known of the gateway in the end, with copies that are sent again or without. */
async function silenced(trial: Trial, boots: number, replays: boolean): Promise<string> {
  const world = await trial.world({ controllers: 2, accounts: { http: [] } })
  const recorded = await record(trial, world, boots)
  trial.note(`${recorded.length} reports of ${boots} boots`)
  // What its boots really did may have raised one; whatever names it from here on is about the copies.
  await trial.soon(ALARMS_END, 'no alarm names it', async () => (await namedFor(world)).length === 0)
  world.lines.get(EDGE)!.cut()
  const since = Date.now()
  const meanwhile = (when: string): Promise<void> =>
    replays ? replay(trial, world, recorded, since, when) : sleep(LEASE + 2 * TICK)
  await meanwhile('under the same leader')
  await anotherLeads(trial, world)
  await meanwhile('when another leads')
  await restart(trial, world)
  await meanwhile('after a restart')
  const end = (await seenBy(world)).map(({ state, enforcement, refusal }) => ({ state, enforcement, refusal }))
  if (replays) {
    world.hosts.get(EDGE)!.kill()
    world.lines.get(EDGE)!.heal()
    await world.startEdges([EDGE], machine(boots + 1))
    await trial.soon(RECOVERY, 'the gateway is back, and heard', async () =>
      (await seenBy(world)).every(({ state }) => state === 'FRESH'),
    )
    await world.verify(trial)
  }
  return JSON.stringify(end)
}

async function replayed(trial: Trial): Promise<void> {
  const boots = trial.long ? [1, 2, 5, 20] : [6]
  const control = await silenced(trial, 2, false)
  for (const some of boots) {
    const end = await silenced(trial, some, true)
    trial.check(end === control, `the end is that of a gateway that is silent: ${end}, without copies ${control}`)
  }
}

export const REPLAYS: readonly Case[] = [
  {
    ...{ number: 65, name: 'reports of a gateway with a key, again' },
    done: 'what a gateway said in 6 boots (1, 2, 5, 20 with --long) sent again while its line is cut: at each leader',
    holds:
      'none is taken, an alarm names them, and the end is that of a run without; the gateway is heard when it is back',
    run: replayed,
  },
]
