// The store of decisions comes back with less than it had, accounts of gateways among it, which are sound all the same:
// nobody is shut out of the rates store, nobody is refused at the API, and nobody is told anything unsigned.

import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { RevisionStore } from '../../../src/policy/revisions/revisions.js'
import { runBackup, runRestore } from '../../../src/process/backup.js'
import { loadSettings } from '../../../src/runtime/config.js'
import type { Io } from '../../../src/runtime/io.js'
import { edgeUsersOf } from '../../../src/wire/access.js'
import { keys } from '../../../src/wire/redis-keys.js'
import { because } from '../../harness/place.js'
import { until } from '../../harness/until.js'
import type { Case, Trial } from '../case.js'
import { credentialsOf, POLICY_ACL, policyAddress } from '../gateways.js'
import { signIn } from '../redis-server.js'
import { EDGES, LEASE, PLANE, RECOVERY, TICK, type World } from '../world.js'

/** By HTTP; the others by the rates store. */
const FAR = 'west'

interface Accounts {
  readonly behind: string | null
}

/** Users of edges at the rates store, with digests of their secrets. */
async function letIn({ owner }: World): Promise<string> {
  const list = (await owner.call('ACL', 'LIST')) as string[]
  return list
    .filter((line) => line.startsWith(`user ${edgeUsersOf(PLANE)}`))
    .sort()
    .join('\n')
}

const behind = async ({ controllers }: World): Promise<(string | null)[]> =>
  Promise.all(controllers.map(async ({ api }) => (await api.get<Accounts>('/v1/edge-accounts')).behind))

/** Longer than a lease: who was shut out a moment ago would be on safe rates. */
async function nobodyIsShutOut(trial: Trial, world: World, before: string): Promise<void> {
  const { witness } = world
  const from = witness.events.length
  await sleep(LEASE + 4 * TICK)
  trial.check((await letIn(world)) === before, 'the rates store lets in whom it let in')
  const said = witness.events.slice(from).flatMap((event) => (event.kind === 'says' ? [event] : []))
  const fallen = said.filter(({ state, refusal }) => state === 'SAFE' || refusal !== null)
  trial.check(fallen.length === 0, `no edge on safe rates, none refuses: ${fallen.map(({ edge }) => edge).join(' ')}`)
  trial.check(
    EDGES.every((edge) => world.isFresh(edge)),
    'all are FRESH, under their keys',
  )
  const headers = { authorization: `Bearer ${credentialsOf(world.gateways, FAR).api.token}` }
  for (const { url } of world.controllers) {
    const { status } = await fetch(`${url}/v1/edges/${FAR}/rates`, { headers })
    trial.check(status === 200, `its token is taken by every controller: ${status}`)
  }
}

/** What a controller says of it, to people; and that nothing is written meanwhile. */
async function isSaid(trial: Trial, { controllers }: World): Promise<void> {
  for (const { api } of controllers) {
    const { status, body } = await api.call('POST', '/v1/edges/core/account/rotate')
    trial.check(status === 503 && /READ_ONLY/.test(JSON.stringify(body)), `no account is changed: ${status}`)
  }
  const alarms = async (): Promise<string> =>
    (await Promise.all(controllers.map(({ api }) => api.get('/v1/alarms')))).map((all) => JSON.stringify(all)).join()
  await trial.soon(15_000, 'an alarm says so', async () => /ACCOUNTS_BEHIND/.test(await alarms()))
}

async function isWhole(trial: Trial, world: World): Promise<void> {
  await trial.soon(RECOVERY, 'accounts are whole again', async () => (await behind(world)).every((why) => why === null))
  await world.verify(trial)
}

const aof = (world: World): string => join(world.folder, 'durable', 'appendonlydir')

/** The store goes away, something happens to its folder, and it comes back. */
async function restarted({ durable }: World, change: () => void): Promise<void> {
  await durable.kill()
  change()
  await durable.start()
}

async function emptied(trial: Trial, fill: (world: World) => Promise<void>): Promise<void> {
  const world = await trial.world({ accounts: { http: [FAR] } })
  const before = await letIn(world)
  const away = `${aof(world)}.away`
  await restarted(world, () => renameSync(aof(world), away))
  await fill(world)
  await nobodyIsShutOut(trial, world, before)
  await isSaid(trial, world)
  await restarted(world, () => {
    rmSync(aof(world), { recursive: true })
    renameSync(away, aof(world))
  })
  await isWhole(trial, world)
}

async function ofAnotherPlane({ durable, document }: World, trial: Trial): Promise<void> {
  const redis = await signIn(trial, policyAddress(durable.port), 'policy')
  await new RevisionStore({ redis, plane: 'other' }).put(document, because(0))
  await redis.hset(keys('other').edgeAccounts, { version: '999' })
}

async function older(trial: Trial): Promise<void> {
  const world = await trial.world({ accounts: { http: [FAR] } })
  const copy = `${aof(world)}.copy`
  await restarted(world, () => cpSync(aof(world), copy, { recursive: true }))
  await until(
    () =>
      world.join(FAR, { again: true }).then(
        () => true,
        () => false,
      ),
    'it has new secrets',
  )
  await world.verify(trial)
  const before = await letIn(world)
  await restarted(world, () => {
    rmSync(aof(world), { recursive: true })
    renameSync(copy, aof(world))
  })
  await nobodyIsShutOut(trial, world, before)
  await isWhole(trial, world)
}

async function defaultReset(trial: Trial): Promise<void> {
  const world = await trial.world({ accounts: { http: [FAR] } })
  const before = await letIn(world)
  const file = join(world.folder, 'durable', 'users.acl')
  await restarted(world, () => writeFileSync(file, POLICY_ACL.replace(/^user default .*$/m, 'user default reset off')))
  const redis = await signIn(trial, policyAddress(world.durable.port), 'policy')
  trial.check((await redis.hget(keys(PLANE).edgeAccounts, 'version')) === null, 'it comes back without its accounts')
  await nobodyIsShutOut(trial, world, before)
  await isSaid(trial, world)
  await restarted(world, () => writeFileSync(file, POLICY_ACL))
  await isWhole(trial, world)
}

async function restored(trial: Trial): Promise<void> {
  const lease = 5 * LEASE
  const world = await trial.world({ accounts: { http: [] }, lease })
  const env = { MIZANI_DATA: join(world.folder, 'at-the-store'), REDIS_URL: policyAddress(world.durable.port) }
  const settings = loadSettings({ env })
  const io = { stdout: { write: () => undefined }, stderr: { write: () => undefined }, env: {} } as unknown as Io
  const file = join(world.folder, 'backup')
  await runBackup({ file, settings }, io)
  await world.join(FAR, { again: true })
  await world.verify(trial)
  const before = await letIn(world)
  // Neither is there to write back what it knows before it is asked what it remembers.
  const ended = world.controllers.splice(0)
  for (const controller of ended) await controller.end('SIGTERM')
  await runRestore({ file, force: true, settings }, io)
  for (const { data } of ended) await world.startController({ data })
  await nobodyIsShutOut(trial, world, before)
  await isWhole(trial, world)
}

const NOBODY = 'no user of an edge changes, no edge on safe rates, tokens are taken, messages stay signed'
const SAID = 'no account is changed, an alarm; whole again when it is'

export const ACCOUNTS: readonly Case[] = [
  {
    ...{ number: 58, name: 'the policy store is empty' },
    done: 'its append-only file moved away, restart; three gateways with accounts, one of them by HTTP; put back',
    holds: `${NOBODY}; ${SAID}`,
    run: (trial) => emptied(trial, async () => {}),
  },
  {
    ...{ number: 59, name: 'the policy store is behind' },
    done: 'the append-only file of before a gateway got new secrets, restart',
    holds: `${NOBODY}; who leads writes back what is known`,
    run: older,
  },
  {
    ...{ number: 60, name: 'the policy store is of another plane' },
    done: "its append-only file moved away, restart, another plane's policy and accounts written; put back",
    holds: `${NOBODY}; ${SAID}`,
    run: (trial) => emptied(trial, (world) => ofAnotherPlane(world, trial)),
  },
  {
    ...{ number: 61, name: 'a policy store whose default user has no rights' },
    done: '`user default reset off` in its ACL file, restart: it refuses what it wrote itself; set right, restart',
    holds: `${NOBODY}; ${SAID}`,
    run: defaultReset,
  },
  {
    ...{ number: 62, name: 'the policy store is restored' },
    done: 'a backup of before a gateway got new secrets, restored under controllers that are then started anew',
    holds: `${NOBODY}; who leads writes back what is remembered`,
    run: restored,
  },
]
