// Who may what, and what is said over HTTP: strangers, stolen keys, broken requests, and changes that collide.

import { fork, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { compiled } from '../../harness/root.js'
import { startPrey } from '../attack/prey.js'
import { Prober } from '../attack/prober.js'
import { type Case, provenBy, type Trial } from '../case.js'
import { ACTORS, Drill, Tally } from '../drill/drill.js'
import { hasProgram } from '../redis-server.js'
import { RECOVERY, TICK, type World } from '../world.js'

async function brokenRequests(trial: Trial): Promise<void> {
  const { PATH = '' } = process.env
  const runs = trial.long ? 100_000 : 20_000
  const path = compiled('test/fuzz-api.ts')
  const child = spawn(process.execPath, [path], {
    env: { PATH, MIZANI_RUNS: String(runs) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  trial.teardown(() => child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
  const code = await new Promise((ended) => child.once('close', ended))
  const lines = text.trim().split('\n')
  trial.check(code === 0, `${runs} broken requests: ${lines.at(-1)}`)
  for (const line of lines.slice(-2)) trial.note(line)
}

interface Flow {
  readonly service: string
  readonly direction: string
  readonly ceiling: number
}

/** What an institution may have at most, down from the internet, by the last tick. */
async function ceilingOf(world: World, institution: string): Promise<number> {
  const [leader] = await world.leaderAndStandby()
  const { flows } = await leader.api.get<{ flows: Flow[] }>(`/v1/institutions/${institution}`)
  return flows.find(({ service, direction }) => service === 'internet' && direction === 'down')!.ceiling
}

async function boundary(trial: Trial): Promise<void> {
  const world = await trial.world()
  const usual = await ceilingOf(world, 'inst-003')
  const patch = { on: { institution: 'inst-003' }, tier: 'small' }
  const [leader] = await world.leaderAndStandby()
  const begun = performance.now()
  await leader.api.post('/v1/overrides', { patch, seconds: 5, reason: 'a short one' })
  await trial.soon(3 * TICK, 'the override holds', async () => (await ceilingOf(world, 'inst-003')) < usual)
  await sleep(3 * TICK - (performance.now() - begun))
  await world.volatile.kill()
  await sleep(6_000)
  await world.volatile.start()
  await trial.soon(RECOVERY, 'a controller leads', async () => (await world.leader()) !== null)
  await trial.soon(
    3 * TICK,
    'what ended meanwhile has ended',
    async () => (await ceilingOf(world, 'inst-003')) === usual,
  )
  await world.verify(trial)
}

async function tooMuch(trial: Trial): Promise<void> {
  const world = await trial.world()
  const [leader] = await world.leaderAndStandby()
  const offer = (ceiling: string) =>
    leader.api.call('POST', '/v1/overrides', {
      ...{ patch: { on: { institution: 'inst-003' }, ceilings: { internet: { down: ceiling, up: ceiling } } } },
      ...{ seconds: 600, reason: 'faults' },
    })
  const below = await offer('1kbps')
  trial.check(
    below.status === 422,
    `a ceiling below the lifeline: ${below.status} ${JSON.stringify(below.body).slice(0, 160)}`,
  )
  const above = await offer('590Mbps')
  const { id } = above.body as { id: string }
  trial.check(above.status === 201, 'what is more than the upstream has is taken: bands share it')
  await sleep(5 * TICK)
  await world.verify(trial)
  await leader.api.delete(`/v1/overrides/${id}`, { reason: 'over' })
}

/** Statuses and lateness are for `npm run attack`, on a machine that has nothing else to do. */
async function tenAttackers(trial: Trial): Promise<void> {
  const seed = Math.floor(trial.random.next() * 1_000_000)
  const { machine, prey } = await startPrey(trial.folder, { seed, only: null, before: undefined }, trial)
  const prober = new Prober(machine, trial.folder)
  await prober.prepare()
  const attackers = fork(compiled('test/faults/attack/attackers.ts'), { execArgv: [] })
  trial.teardown(() => attackers.kill('SIGKILL'))
  attackers.send(prey)
  await prober.probe(trial.long ? 120_000 : 25_000)
  attackers.kill('SIGKILL')
  trial.check(prober.epochs.size === 1, `one term: ${[...prober.epochs].join(', ')}`)
  const refused = prober.faults.filter((fault) => fault.startsWith('rollback'))
  trial.check(prober.rollbacks.length >= 2 && refused.length === 0, `rollbacks are answered: ${refused.join(', ')}`)
  trial.note(`seed ${seed}; rollbacks took ${prober.rollbacks.map((ms) => Math.round(ms)).join(', ')} ms`)
  await machine.end('SIGTERM')
}

const needsOpenssl = (): string | null => (hasProgram('openssl', 'version') ? null : 'openssl is not installed')

/** Who is not seen to do all that is written gets another chance, and one more. */
async function drill({ folder, random, long, check, note, ...ending }: Trial): Promise<void> {
  const tried = await Drill.start(folder, random, ending)
  const tally = new Tally()
  for (let round = 0, acts = 0; round < (long ? 10 : 3); round++) {
    const missing = new Set(tally.rows().flatMap(({ actor, less }) => (less.length > 0 ? [actor] : [])))
    for (const actor of ACTORS) {
      if (round > 0 && !long && !missing.has(actor)) continue
      const found = await tried.tryAll(actor, 3)
      tally.note(found)
      acts += found.acts
    }
    note(`${acts} acts`)
  }
  for (const { actor, areas, more, less } of tally.rows()) {
    check(more.length === 0, `${actor} could change ${areas.join(', ') || 'nothing'}; not written: ${more.join(', ')}`)
    check(less.length === 0, `${actor} could not change what is written: ${less.join(', ')}`)
  }
}

export const PEOPLE: readonly Case[] = [
  {
    ...{ number: 36, name: 'what each user of a store may' },
    done: 'every command of the matrix as an edge, the controllers, a stranger and a liar',
    holds: 'allowed or NOPERM, exactly as the matrix has it',
    run: provenBy(
      { file: 'served/stores.test.ts', only: [/the volatile store/, /nothing else/] },
      { file: 'served/stores.test.ts', only: [/the volatile store/, /strangers get in nowhere/] },
    ),
  },
  {
    ...{ number: 37, name: 'an edge is shut out' },
    done: 'its account rotated and removed while it is connected; what a node lost or somebody changed',
    holds: 'sessions end at once; the new secret works without restart, the old one nowhere',
    run: provenBy(
      { file: 'served/edge-access.test.ts', only: [/a pasted line opens/] },
      { file: 'served/edge-access.test.ts', only: [/what a node lost/] },
    ),
  },
  {
    ...{ number: 38, name: 'false certificates' },
    done: 'none, of another authority, expired, of another name, no TLS; the end of ours near',
    holds: 'refused before any secret is said; an alarm two weeks before the end',
    run: provenBy(
      { file: 'served/store-links.test.ts', only: [/mutual TLS/] },
      { file: 'served/edge-access.test.ts', only: [/rates over HTTPS/] },
    ),
    obstacle: needsOpenssl,
  },
  {
    ...{ number: 39, name: 'broken requests' },
    done: '20,000 requests (100,000 with --long): mutants of the schema, 10 MB, deep, NUL, broken UTF-8, __proto__',
    holds: '2xx or 4xx, never a failure inside; nothing changed by a 4xx',
    run: brokenRequests,
  },
  {
    ...{ number: 40, name: 'who is not allowed' },
    done: 'every route as nobody, as strangers, as every role and scope; ended sessions, disabled users',
    holds: '401 or 403, and nothing done',
    run: provenBy({ file: 'api/access.test.ts' }, { file: 'api/users.test.ts' }),
  },
  {
    ...{ number: 41, name: 'fifty write at once' },
    done: '50 writers on one revision, five rounds; two controllers on one audit trail',
    holds: 'one success a revision, 412 for the others; the trail has no gap',
    run: provenBy(
      { file: 'served/revisions.test.ts', only: [/of fifty writers/] },
      { file: 'served/accounts.test.ts', only: [/two controllers write one trail/] },
    ),
  },
  {
    ...{ number: 42, name: 'an override ends while nobody can be told' },
    done: 'an override of 5 s, the rates store away from its third second to its ninth',
    holds: 'it has ended with the first tick afterwards; no link is overfilled by the change back',
    run: boundary,
  },
  {
    ...{ number: 43, name: 'more is allowed than there is' },
    done: 'an override below the lifeline; one above what the upstream carries',
    holds: 'the first is refused with the reason, the second is shared by bands',
    run: tooMuch,
  },
  {
    ...{ number: 56, name: 'everybody tries everything' },
    done: 'each role, a scoped officer, an edge and nobody try every write there is, by the book and by chance',
    holds: 'what each could change in the store is what SECURITY.md says, no more and no less',
    run: drill,
  },
  {
    ...{ number: 57, name: 'ten attackers, one of each kind' },
    done: 'each does what its account allows, over HTTP, the store and streams of events, for 25 s (2 min with --long)',
    holds: 'no term is lost, and rollbacks are answered',
    run: tenAttackers,
  },
]
