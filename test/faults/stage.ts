// Where cases are played: one standing world for all that leave it well, a new one after a case that did not, and the
// trial that a case is handed.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ending } from '../harness/place.js'
import type { Trial } from './case.js'
import { Random } from './model/random.js'
import { World, type WorldOptions } from './world.js'

/** Ends a wait that has failed already. */
const HOPELESS = 60_000

export class Endings implements Ending {
  readonly #ends: (() => unknown)[] = []

  teardown(end: () => unknown): void {
    this.#ends.unshift(end)
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end()
  }
}

export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'mizani-faults-'))
  readonly random: Random
  readonly #seed: number
  #world: World | null = null
  #endings = new Endings()
  #made = 0

  constructor(seed: number) {
    this.#seed = seed
    this.random = new Random(seed)
  }

  async world(): Promise<World> {
    this.#world ??= await World.start(join(this.folder, `world-${++this.#made}`), this.#seed, this.#endings)
    return this.#world
  }

  /** The standing world is not to be used again. */
  async clear(): Promise<void> {
    this.#world = null
    await this.#endings.end()
  }

  async close(): Promise<void> {
    await this.clear()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface TrialOptions {
  readonly stage: Stage
  readonly name: string
  readonly long: boolean
  /** Whether what takes longer than it may is a breach: not where other tests share the machine. */
  readonly timed: boolean
  check(holds: boolean, what: string): void
  note(fact: string): void
}

export function trialOf({ stage, name, long, timed, check, note }: TrialOptions): Trial & { end(): Promise<void> } {
  const endings = new Endings()
  const folder = join(stage.folder, name)
  mkdirSync(folder, { recursive: true })
  let worlds = 0
  return {
    ...{ folder, long, check, note, random: stage.random },
    teardown: (end) => endings.teardown(end),
    end: () => endings.end(),
    world: (options?: WorldOptions) =>
      options === undefined
        ? stage.world()
        : World.start(join(folder, `world-${++worlds}`), Math.floor(stage.random.next() * 2 ** 31), endings, options),
    async soon(limit, what, holds) {
      const began = performance.now()
      let took = 0
      while (!(await holds())) {
        took = performance.now() - began
        if (took > Math.max(HOPELESS, 2 * limit)) {
          check(false, `${what}: never`)
          return Number.POSITIVE_INFINITY
        }
        await sleep(10)
      }
      took = performance.now() - began
      const text = `${what}: ${(took / 1_000).toFixed(2)} s of ${limit / 1_000}`
      check(!timed || took <= limit, text)
      return took
    },
  }
}
