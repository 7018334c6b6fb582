// Ten attackers, one of each kind, in a process of their own: whoever forked it says whom they attack, and hears every
// few seconds how they were answered and what they take of the processor. They ask for the last place in the queue for
// it, so that what is measured is what they do to Mizani and not that they use up the machine.

import { setPriority } from 'node:os'
import { Redis } from 'ioredis'
import { Random } from '../model/random.js'
import type { Prey } from './prey.js'
import { type Act, attacksOf } from './roles.js'
import { Ways } from './ways.js'

/** Acts of one attacker at a time. */
const AT_ONCE = 3
const TELL = 5_000

export interface Told {
  readonly answers: readonly (readonly [number, number])[]
  readonly acts: readonly (readonly [string, number])[]
  /** CPU seconds so far. */
  readonly cpu: number
}

async function attack(prey: Prey): Promise<void> {
  setPriority(19)
  const ways = new Ways(prey.url)
  const store = new Redis(prey.store.url, { enableReadyCheck: false })
  store.on('error', () => undefined) // it may be thrown out: it comes back
  const done = new Map<string, number>()
  const random = new Random(prey.seed)
  const strand = async (name: string, acts: readonly Act[], random: Random): Promise<void> => {
    for (;;) {
      await random
        .pick(acts)({ ...{ ways, prey, store, random } })
        .catch(() => undefined) // it is an attacker's problem
      done.set(name, (done.get(name) ?? 0) + 1)
      await new Promise(setImmediate)
    }
  }
  for (const [name, acts] of Object.entries(attacksOf).filter(([name]) => prey.only?.includes(name) ?? true))
    for (let k = 0; k < AT_ONCE; k++) void strand(name, acts, new Random(Math.floor(random.next() * 2 ** 31)))
  setInterval(() => {
    const { user, system } = process.cpuUsage()
    const told: Told = { answers: [...ways.answers], acts: [...done], cpu: (user + system) / 1e6 }
    process.send!(told)
  }, TELL)
}

process.on('message', (prey: Prey) => void attack(prey))
// Whoever forked us is gone.
process.on('disconnect', () => process.exit(0))
