// Two hundred edges, in a second process, lose their store and come back at the same moment: a case of the fault suite
// and a row of the bench. Each is a real agent with connections of its own.

import { setTimeout as sleep } from 'node:timers/promises'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { smallPlane } from '../tick/small-plane.js'
import type { Trial } from './case.js'
import type { World } from './world.js'

export const MANY = 200
/** Two connections of an edge, and three attempts with each. */
const ATTEMPTS_MOST = 2 * 3

/** As many edges as that, with one institution each, behind one upstream. */
export function planeOfMany(edges: number, lease: number): PolicyDocument {
  const document = structuredClone(smallPlane({ institutions: 1, upstream: edges * 4_000_000, lease }))
  const [edge, institution, site] = [
    document.edges.east!,
    document.institutions['inst-000']!,
    document.sites['inst-000-a']!,
  ]
  document.services.govnet!.split = 'nearest'
  document.edges = {}
  document.institutions = {}
  document.sites = {}
  for (let k = 0; k < edges; k++) {
    const id = `edge-${String(k).padStart(4, '0')}`
    document.edges[id] = edge
    document.institutions[`inst-${k}`] = institution
    document.sites[`site-${k}`] = {
      ...site,
      ...{ institution: `inst-${k}`, edge: id, prefixes: [`10.${k >> 8}.${k & 255}.0/24`] },
    }
  }
  return document
}

export interface Storm {
  /** From the heal until the last edge was FRESH, ms. */
  readonly took: number
  /** Attempts for each edge after the heal, on both of its connections. */
  readonly attempts: number
  /** CPU that the store used meanwhile, ms. */
  readonly cpu: number
}

export async function returnAtOnce(world: World, outage: number, soon: Trial['soon'], limit: number): Promise<Storm> {
  const { edges } = world
  const line = world.lines.get(edges[0]!)!
  line.cut()
  await sleep(outage)
  const [cpu, accepted] = [await cpuOf(world), line.accepted]
  line.heal()
  const took = await soon(limit, `all ${edges.length} are FRESH`, () => edges.every((edge) => world.isFresh(edge)))
  return { took, attempts: (line.accepted - accepted) / edges.length, cpu: (await cpuOf(world)) - cpu }
}

/** CPU of the volatile store since it began, ms. */
export async function cpuOf({ owner }: World): Promise<number> {
  const info = await owner.info('cpu')
  const seconds = (name: string): number => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)![1])
  return 1_000 * (seconds('used_cpu_user') + seconds('used_cpu_sys'))
}

export async function storm(trial: Trial): Promise<void> {
  const lease = trial.long ? 60_000 : 30_000
  const world = await trial.world({ document: planeOfMany(MANY, lease), together: true, controllers: 1 })
  const { attempts, cpu } = await returnAtOnce(world, trial.long ? 60_000 : 20_000, trial.soon, 10_000)
  trial.check(attempts <= ATTEMPTS_MOST, `${attempts.toFixed(1)} attempts an edge, on two connections`)
  trial.check(cpu < 0.8 * 3_000, `the store used ${cpu.toFixed(0)} ms of CPU`)
  await world.verify(trial)
}
