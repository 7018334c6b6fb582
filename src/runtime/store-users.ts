// Users on every node of a store. Redis replicates functions and data, but not users, and forgets those that were not
// saved; so each is written to each node and saved there, sessions that went by the old word are ended (a new password
// alone would leave them open), and the nodes are compared with what was wanted and with each other. Nobody is shut out
// by a comparison unless whoever asks for it says so of that user: what is not wanted may only not be known.

import type { Milliseconds } from '../model/units.js'
import { MizaniError, messageOf } from './errors.js'
import { connect, type Redis, replicaNodes, storeError, untilReady } from './redis.js'
import type { Account } from './store-accounts.js'
import { parseAddress, type StoreNode, withNode } from './store-address.js'

const REACH: Milliseconds = 2_000

export interface WantedAccount {
  readonly account: Account
  /** SHA-256 of the secret in hex; null: nobody can sign in. */
  readonly secretHash: string | null
}

export interface Disagreement {
  readonly node: string
  readonly user: string
  /** `missing`: it is not there. `surplus`: nobody wants it. `differs`: other rights or another secret. */
  readonly fault: 'missing' | 'surplus' | 'differs'
}

/** Whether whoever signs in as this user could no longer, once it is as wanted; `wanted` undefined: nobody wants it. */
export const shutsOut = ({ fault }: Disagreement, wanted: WantedAccount | undefined): boolean =>
  wanted === undefined || (fault === 'differs' && wanted.secretHash === null)

export class StoreUsers {
  readonly #address: string

  /** @param address of the master, as a user that may write ACLs: +@admin, or acl and client|kill, and +info. */
  constructor(address: string) {
    this.#address = address
  }

  /** Makes or renews a user everywhere; sessions under its name end. @throws MizaniError naming the node. */
  put(wanted: WantedAccount): Promise<void> {
    return this.#everywhere(async (node) => {
      await node.call('ACL', 'SETUSER', ...wordsOf(wanted))
      await save(node)
      await endSessions(node, wanted.account.name)
    })
  }

  /** Removing a user ends its sessions. */
  remove(name: string): Promise<void> {
    return this.#everywhere(async (node) => {
      await node.call('ACL', 'DELUSER', name)
      await save(node)
    })
  }

  /** Where the nodes are not as wanted, among the users whose names begin so. */
  compare(wanted: readonly WantedAccount[], prefix: string): Promise<Disagreement[]> {
    return this.#all(async (node, place) => faultsOf(node, place, wanted, prefix))
  }

  /**
   * Brings every node into line; returns what was not and is. A user that stands as wanted keeps its sessions.
   * @param mayShutOut asked of each user who could sign in no longer, just before.
   */
  repair(
    wanted: readonly WantedAccount[],
    prefix: string,
    mayShutOut: (user: string) => boolean,
  ): Promise<Disagreement[]> {
    const byName = new Map(wanted.map((one) => [one.account.name, one]))
    return this.#all(async (node, place) => {
      const repaired: Disagreement[] = []
      for (const fault of await faultsOf(node, place, wanted, prefix)) {
        const { user } = fault
        const one = byName.get(user)
        if (shutsOut(fault, one) && !mayShutOut(user)) continue
        if (one === undefined) await node.call('ACL', 'DELUSER', user)
        else {
          await node.call('ACL', 'SETUSER', ...wordsOf(one))
          await endSessions(node, user)
        }
        repaired.push(fault)
      }
      if (repaired.length > 0) await save(node)
      return repaired
    })
  }

  async #everywhere(work: (node: Redis) => Promise<void>): Promise<void> {
    await this.#all(async (node) => {
      await work(node)
      return []
    })
  }

  /** The master and every replica it knows, at once; fails with the first that fails, after all have been tried. */
  async #all<T>(work: (node: Redis, place: string) => Promise<T[]>): Promise<T[]> {
    const master = await open(this.#address)
    const replicas = await replicaNodes(master).catch((error: unknown) => {
      master.disconnect()
      throw storeError(error, 'Asking for the replicas')
    })
    const at = async (place: string, opening: Promise<Redis> | Redis): Promise<T[]> => {
      const node = await opening
      try {
        return await work(node, place)
      } catch (error) {
        throw error instanceof MizaniError ? error : storeError(error, `Users at ${place}`)
      } finally {
        node.disconnect()
      }
    }
    const done = await Promise.allSettled([
      at('the master', master),
      ...replicas.map((node) => at(nameOf(node), open(withNode(this.#address, node)))),
    ])
    const failed = done.find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    return done.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  }
}

const nameOf = ({ host, port }: StoreNode): string => `${host}:${port}`

async function open(address: string): Promise<Redis> {
  parseAddress(address)
  const redis = connect(address, 'supervisor')
  try {
    await untilReady(redis, REACH)
    return redis
  } catch (error) {
    redis.disconnect()
    throw error
  }
}

const wordsOf = ({ account, secretHash }: WantedAccount): string[] => [
  ...[account.name, 'reset', 'on', ...(secretHash === null ? [] : [`#${secretHash}`])],
  ...account.rules,
]

async function endSessions(node: Redis, user: string): Promise<void> {
  await node.call('CLIENT', 'KILL', 'USER', user)
}

async function save(node: Redis): Promise<void> {
  try {
    await node.call('ACL', 'SAVE')
  } catch (error) {
    if (!/not configured to use an ACL file/i.test(messageOf(error))) throw error
    throw new MizaniError({
      code: 'USERS_NOT_KEPT',
      message: 'A node of the volatile store would forget its users when it restarts.',
      advice: 'Give every node an ACL file: aclfile /etc/redis/users.acl in redis.conf.',
    })
  }
}

async function faultsOf(
  node: Redis,
  place: string,
  wanted: readonly WantedAccount[],
  prefix: string,
): Promise<Disagreement[]> {
  const names = (await node.call('ACL', 'USERS')) as string[]
  const faults: Disagreement[] = []
  for (const one of wanted) {
    const { name } = one.account
    if (!names.includes(name)) faults.push({ node: place, user: name, fault: 'missing' })
    else if (!(await standsAs(node, one))) faults.push({ node: place, user: name, fault: 'differs' })
  }
  const known = new Set(wanted.map(({ account }) => account.name))
  for (const name of names) {
    if (name.startsWith(prefix) && !known.has(name)) faults.push({ node: place, user: name, fault: 'surplus' })
  }
  return faults
}

/**
 * Rights are compared as the server spells them, which has a form and an order of its own: a user of the same words is
 * made beside, read, and taken away again, in one step, for another controller may compare at the same time.
 */
async function standsAs(node: Redis, wanted: WantedAccount): Promise<boolean> {
  const { name } = wanted.account
  const trial = { ...wanted, account: { ...wanted.account, name: TRIAL } }
  const replies = await node
    .multi()
    .call('ACL', 'GETUSER', name)
    .call('ACL', 'SETUSER', ...wordsOf(trial))
    .call('ACL', 'GETUSER', TRIAL)
    .call('ACL', 'DELUSER', TRIAL)
    .exec()
  const [stands, , asked] = (replies ?? []).map(([error, reply]) => {
    if (error !== null) throw error
    return JSON.stringify(reply)
  })
  return stands !== undefined && stands === asked
}

const TRIAL = 'mizani-comparison'
