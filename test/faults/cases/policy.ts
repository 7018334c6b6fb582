// The store of decisions: it fails over, is torn in two, runs full, loses its end, or would lose edits from the start.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RevisionStore } from '../../../src/policy/revisions/revisions.js'
import { connect, untilReady } from '../../../src/runtime/redis.js'
import { keys } from '../../../src/wire/redis-keys.js'
import { examplePlane } from '../../harness/place.js'
import { type Case, provenBy, type Trial } from '../case.js'
import { Line } from '../line.js'
import { ControllerProcess, Store } from '../processes.js'
import { hasProgram, signIn, startServer } from '../redis-server.js'
import { DURABLE, EDGES, RECOVERY, TICK, type World } from '../world.js'

type Named = { name: { en: string } }

/** Gives the plane, or an institution, another name: an edit by which nobody loses. @throws Error with the refusal. */
export async function rename(
  { random }: Pick<World, 'random'>,
  { api }: ControllerProcess,
  pick = (document: { plane: Named; institutions: Record<string, Named> }) => Object.values(document.institutions)[0]!,
): Promise<{ revision: number }> {
  const { body, etag } = await api.call('GET', '/v1/policy')
  pick(body as Parameters<typeof pick>[0]).name.en = `Renamed ${random.next()}`
  const made = await api.call('PUT', '/v1/policy?reason=faults', body, { etag })
  if (made.status !== 200) throw new Error(`an edit: ${made.status} ${JSON.stringify(made.body)}`)
  return made.body as { revision: number }
}

/** The status and code with which an edit is answered. */
async function answerTo(edit: Promise<unknown>): Promise<string> {
  return edit.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

const alarmsOf = async (controller: ControllerProcess): Promise<string> =>
  JSON.stringify(await controller.api.get('/v1/alarms'))

async function lax(trial: Trial): Promise<void> {
  const { folder: plane } = examplePlane(trial.folder)
  const args = ['--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru']
  const durable = await Store.start(trial, { folder: join(trial.folder, 'durable'), args })
  const volatile = await Store.start(trial, { folder: join(trial.folder, 'volatile') })
  const data = join(trial.folder, 'data')
  const urls = { durableUrl: durable.url, volatileUrl: volatile.url }
  const controller = await new ControllerProcess({ plane, data, ...urls }, trial).ready()
  const status = await controller.status()
  trial.check(status.leads && status.revision === 1, 'on an empty store of the wrong settings it serves and publishes')
  const edit = (): Promise<string> => answerTo(rename(trial, controller, ({ plane }) => plane))
  const refusal = await edit()
  trial.check(
    /503.*READ_ONLY.*(appendonly|appendfsync|maxmemory-policy) is/.test(refusal),
    'an edit is refused, with the setting',
  )
  await trial.soon(15_000, 'an alarm names it', async () => /STORE_READ_ONLY/.test(await alarmsOf(controller)))
  const owner = await signIn(trial, durable.url)
  await owner.config('SET', 'maxmemory-policy', 'noeviction')
  await owner.config('SET', 'appendfsync', 'always')
  await owner.config('SET', 'appendonly', 'yes')
  await trial.soon(RECOVERY, 'set right, it takes edits', async () => (await edit()) === 'done')
}

const sentinelOf =
  (master: number) =>
  (port: number): string =>
    [
      `sentinel monitor main 127.0.0.1 ${master} 1`,
      'sentinel down-after-milliseconds main 1000',
      'sentinel failover-timeout main 3000',
      `sentinel announce-port ${port}`,
      '',
    ].join('\n')

async function failover(trial: Trial): Promise<void> {
  const world = await trial.world({ sentinel: sentinelOf })
  const published = (): number => world.witness.publications
  await sleep(3 * TICK)
  const [{ revision }, before] = [await rename(world, world.controllers[0]!), published()]
  await world.volatile.kill()
  const took = await trial.soon(LEASE_OF_GAP, 'publications go on', () => published() > before + 1)
  trial.note(`${(took / 1_000).toFixed(1)} s without a publication`)
  await world.verify(trial)
  trial.check(
    (await world.controllers[0]!.status()).revision === revision,
    'the policy is the one that was acknowledged',
  )
}
const LEASE_OF_GAP = 8_000

async function tornInTwo(trial: Trial): Promise<void> {
  const args = [
    ...DURABLE,
    '--min-replicas-to-write',
    '1',
    '--min-replicas-max-lag',
    '2',
    '--repl-diskless-sync-delay',
    '0',
  ]
  const old = await startServer(trial, { folder: join(trial.folder, 'old'), args })
  const line = await Line.to(old.port, trial, trial.random)
  const replicaOf = [...DURABLE, '--replicaof', '127.0.0.1', String(line.port), '--repl-diskless-sync-delay', '0']
  const other = await startServer(trial, { folder: join(trial.folder, 'other'), args: replicaOf })
  await startServer(trial, { folder: join(trial.folder, 'watch'), sentinel: sentinelOf(line.port) })
  const address = `redis://127.0.0.1:${old.port}`
  const owner = await signIn(trial, address)
  await trial.soon(RECOVERY, 'the replica follows', async () =>
    (await owner.info('replication')).includes('state=online'),
  )
  const store = new RevisionStore({ redis: await signIn(trial, address, 'policy'), plane: 'p', durableWithin: 1_500 })
  const { document } = examplePlane(trial.folder)
  const kept: { revision: number; hash: string }[] = []
  const outcomes = new Map<string, number>()
  let stopped = false
  const writing = (async () => {
    for (let n = 0, expected = 0; !stopped; n++) {
      const next = structuredClone(document)
      next.plane.name.en = `Name ${n}`
      try {
        const made = await store.put(next, { author: 'a', reason: 'r', reference: null, at: n, expected })
        kept.push({ revision: made.revision, hash: made.hash })
        expected = made.revision
      } catch (error) {
        const { code = '' } = error as { code?: string }
        outcomes.set(code, (outcomes.get(code) ?? 0) + 1)
        expected = (await store.head().catch(() => null))?.revision ?? expected
        await sleep(100)
      }
    }
  })()
  await sleep(4_000)
  line.hold()
  const before = kept.length
  const heir = await signIn(trial, `redis://127.0.0.1:${other.port}`)
  const promoted = async (): Promise<boolean> => /role:master/.test(await heir.info('replication').catch(() => ''))
  await trial.soon(30_000, 'the other side has a master', promoted)
  await sleep(3_000)
  line.heal()
  await sleep(5_000)
  stopped = true
  await writing
  const after = new RevisionStore({
    redis: await signIn(trial, `redis://127.0.0.1:${other.port}`, 'policy'),
    plane: 'p',
  })
  let lost = 0
  for (const { revision, hash } of kept) if ((await after.get(revision))?.hash !== hash) lost++
  trial.check(kept.length > 0 && lost === 0, `${kept.length} edits were acknowledged, ${lost} of them are lost`)
  trial.note(`${kept.length - before} acknowledged after the line was torn; refused: ${JSON.stringify([...outcomes])}`)
}

async function diskFull(trial: Trial): Promise<void> {
  const [disk, mount] = [join(trial.folder, 'disk'), join(trial.folder, 'mount')]
  mkdirSync(mount)
  execFileSync('dd', ['if=/dev/zero', `of=${disk}`, 'bs=1M', 'count=16'], { stdio: 'ignore' })
  execFileSync('mkfs.ext4', ['-q', disk])
  execFileSync('mount', ['-o', 'loop', disk, mount])
  trial.teardown(() => spawnSync('umount', ['-l', mount]))
  const world = await trial.world({ durableFolder: join(mount, 'durable') })
  const kept: number[] = []
  const edit = async (): Promise<string> =>
    answerTo(rename(world, world.controllers[0]!).then(({ revision }) => kept.push(revision)))
  await edit()
  const filler = join(mount, 'filler')
  spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' })
  await trial.soon(30_000, 'edits are answered with 503', async () => / 503 /.test(await edit()))
  trial.note(world.durable.runs ? 'the server refuses' : 'the server has ended, as it does under appendfsync always')
  await sleep(3 * TICK)
  trial.check(
    EDGES.every((edge) => world.isFresh(edge)),
    'rates go on',
  )
  rmSync(filler)
  if (!world.durable.runs) await world.durable.start()
  await trial.soon(RECOVERY, 'with room again, edits are made', async () => (await edit()) === 'done')
  const store = new RevisionStore({ redis: await signIn(trial, world.durable.url, 'policy'), plane: 'small' })
  let lost = 0
  for (const revision of kept) if ((await store.get(revision)) === null) lost++
  trial.check(lost === 0, `I5: ${kept.length} edits were acknowledged, ${lost} of them are lost`)
  await world.verify(trial)
}

async function tailLost(trial: Trial): Promise<void> {
  const world = await trial.world({ controllers: 1 })
  const [controller] = world.controllers
  for (let k = 0; k < 3; k++) await rename(world, controller!)
  const revision = 1 + 3
  await trial.soon(
    RECOVERY,
    'edges are told',
    async () => (await controller!.status()).revision === revision && world.isWell(),
  )
  await world.durable.kill()
  const folder = join(world.folder, 'durable', 'appendonlydir')
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'))
  const path = join(folder, file!)
  // Somewhere within the newest revision: what came after it, answers and the audit, is gone as well.
  const last = readFileSync(path).lastIndexOf(keys('small').policyDoc(revision))
  truncateSync(path, last + Math.floor(trial.random.between(1, 100)))
  await world.durable.start()
  const redis = connect(world.durable.url, 'policy')
  trial.teardown(() => redis.disconnect())
  await untilReady(redis, 5_000)
  const stored = (await new RevisionStore({ redis, plane: 'small' }).head())!.revision
  trial.check(stored < revision, `the store is at ${stored}, edges were told ${revision}`)
  const numbers = new RegExp(`503.*READ_ONLY.*revision ${stored}, and revision ${revision} was`)
  await trial.soon(RECOVERY, 'an edit is refused, with both numbers', async () =>
    numbers.test(await answerTo(rename(world, controller!))),
  )
  await trial.soon(15_000, 'an alarm says so', async () => /STORE_LOST/.test(await alarmsOf(controller!)))
  controller!.kill()
  const fresh = await world.startController()
  trial.check(numbers.test(await answerTo(rename(world, fresh))), 'a controller that starts on it finds out by itself')
  await world.verify(trial)
}

const needsLoop = (): string | null => {
  if (process.getuid?.() !== 0) return 'a full disk needs root, for a loop mount'
  return hasProgram('mkfs.ext4', '-V') ? null : 'mkfs.ext4 is not installed'
}

export const POLICY: readonly Case[] = [
  {
    ...{ number: 11, name: 'a policy store that would lose edits' },
    done: 'start on an empty durable store with appendonly no and allkeys-lru; then set right while it runs',
    holds: 'serves and publishes; edits are refused and an alarm is raised, with the setting; then they are made',
    run: async (trial) => {
      await lax(trial)
      await provenBy({ file: 'served/policy-durability.test.ts', only: [/would lose edits/] })(trial)
    },
  },
  {
    ...{ number: 13, name: 'a failover' },
    done: 'SIGKILL of the master of the rates store under a Sentinel',
    holds: 'publications go on <= 8 s (1 s to find out, 3 s to fail over, a tick); nothing acknowledged is lost',
    run: failover,
  },
  {
    ...{ number: 14, name: 'a policy store torn in two' },
    done: 'master and replica torn apart, a Sentinel promotes the replica, the writer stays with the old one',
    holds: '0 acknowledged edits lost',
    run: tornInTwo,
  },
  {
    ...{ number: 15, name: 'a replica that must confirm is away' },
    done: 'SIGKILL of the replica during edits; an answer lost by a proxy',
    holds: 'nobody says that it was done; the same request settles it, once',
    run: provenBy(
      { file: 'served/policy-durability.test.ts', only: [/with a replica/] },
      { file: 'served/policy-durability.test.ts', only: [/an answer that is lost/] },
    ),
  },
  {
    ...{ number: 16, name: 'the disk is full' },
    done: 'the policy store on a loop mount of 16 MB, filled to the last byte, and emptied',
    holds: 'edits 503, rates go on; afterwards edits are made, nothing acknowledged is lost',
    run: diskFull,
    obstacle: needsLoop,
  },
  {
    ...{ number: 17, name: 'the policy store has lost its end' },
    done: 'the append-only file cut off within its newest revision, restart; then another controller started on it',
    holds: 'read-only with both numbers, an alarm; edges as they were',
    run: tailLost,
  },
  {
    ...{ number: 18, name: 'machines crash' },
    done: '3 crashes (20 with --long) during 60 edits (1,000), with every byte dropped that was not synced',
    holds: '0 acknowledged edits lost',
    run: provenBy({
      file: 'served/policy-durability.test.ts',
      only: [/machines that stop/],
      env: (long) => (long ? { MIZANI_FAULTS_LONG: '1' } : {}),
    }),
    obstacle: () => (hasProgram('gcc', '--version') ? null : 'gcc is not installed: un-synced bytes cannot be dropped'),
  },
]
