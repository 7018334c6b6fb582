// Random changes of a policy, each asked of the slider and of the preview, and made: what both say of everyone is what
// the tick gives them, to the kbit/s. No time goes by between the question and the change, and edges say nothing new;
// the upstream is short, so that what one gains others lose. What is asked may follow a promise (whoever is held back
// asks at least for it); both are asked under what is asked then.
//
//   npm run agree           MIZANI_CHANGES (1000), MIZANI_SEED (1)

import { fileURLToPath } from 'node:url'
import { seeded } from '../../bench/harness.js'
import { isShortOf } from '../../src/model/shortfall.js'
import { formatRate } from '../../src/model/units.js'
import { createDrafter } from '../../src/planning/drafter.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import type { Edit } from '../../src/policy/revisions/draft.js'
import type { Change } from '../../src/policy/revisions/proposal.js'
import { Loop, reported } from '../tick/loop.js'
import { smallPlane } from '../tick/small-plane.js'

const SETTLES = 12
/** Rates are whole kbit/s; a need may lie between two. */
const SAME = 1_000

export interface Agreement {
  readonly changes: number
  /** Flows whose need the changes have moved. */
  readonly moved: number
  /** Changes after which somebody asked for something else. */
  readonly asked: number
  readonly faults: readonly string[]
}

export async function agree(changes: number, seed: number): Promise<Agreement> {
  const document = smallPlane({ institutions: 60, upstream: 400_000_000 })
  // Where an institution has several edges, how its promise is divided among them follows what each asks.
  delete document.sites['inst-000-b']
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const upstreams = Object.entries(document.links).filter(([, { kind }]) => kind === 'upstream')
  const wants = new Map<string, number>()
  const loop = new Loop({
    document,
    offer(flow) {
      const known = wants.get(flow) ?? random() ** 3 * 40_000_000
      wants.set(flow, known)
      return known
    },
  })
  loop.conditions = Object.fromEntries(upstreams.map(([link]) => [link, 0.5]))
  for (let n = 0; n < SETTLES; n++) await loop.step()
  const draft = createDrafter(() => 0)
  const faults: string[] = []
  let moved = 0
  let asked = 0
  for (let n = 0; n < changes; n++) {
    // What edges have said by now is heard before anybody asks.
    await loop.controller.tick()
    const change = changeOf(loop.document, pick, random)
    const from = loop.document
    const present = { at: loop.clock.wall(), inForce: inForce(loop), demand: loop.controller.board!.flows.demand }
    const before = needs(loop)
    loop.document = change.next
    loop.revision++
    await loop.controller.tick()
    // What an edge may still be letting through is kept from the others until it says that it does not.
    while (withholds(loop)) await loop.step()
    const { plan, flows } = loop.controller.board!
    const isSame = flows.demand.every((demand, f) => demand === present.demand[f])
    if (!isSame) asked++
    const ask = (edit: Edit): Map<string, number> => {
      const answer = draft({
        ...{ kind: 'draft', base: { hash: hashOf(from), document: from }, edit, scope: null },
        ...{ at: present.at, inForce: present.inForce, busyHour: null },
        asked: { list: n, flows: plan.flows.map(({ id }) => id), demand: flows.demand },
      })
      if (answer.kind !== 'drafted') throw new Error(JSON.stringify(answer))
      const { gainers = [], losers = [] } = answer.preview.impact.now ?? {}
      return new Map([...gainers, ...losers].map((row) => [keyOf(row), row.after]))
    }
    const slider = ask({ whole: change.next })
    const preview = ask({ changes: [change.change] })
    const after = needs(loop)
    for (const [key, need] of after) {
      const [was, said] = [before.get(key)!, preview.get(key)]
      if (slider.get(key) !== said) faults.push(`${change.words}: ${key} slider ${slider.get(key)}, preview ${said}`)
      if (said !== undefined) moved++
      // Who is not named keeps what the table showed, but for what nobody would notice.
      const isAsSaid = said !== undefined ? Math.abs(need - said) <= SAME : !isSame || !isShortOf(need, was)
      if (!isAsSaid)
        faults.push(`${change.words}: ${key} ${formatRate(was)}, said ${said ?? 'nothing'}, has ${formatRate(need)}`)
    }
    await loop.step()
  }
  return { changes, moved, asked, faults }
}

/** Whether less is shared out than links have room for. */
const withholds = ({ controller, problem }: Loop): boolean =>
  controller.board!.plan.links.some(({ room }, l) => problem.linkRoom[l]! < room - SAME)

const inForce = ({ inForce, conditions }: Loop) => ({
  ...inForce,
  links: [...inForce.links, ...Object.entries(conditions).map(reported)],
})

type Pick = <T>(list: readonly T[]) => T

/** Another tier that serves the same, or other ceilings of one service, as the slider asks for them. */
function changeOf(document: PolicyDocument, pick: Pick, random: () => number) {
  const { institutions, tiers, services } = document
  for (;;) {
    const id = pick(Object.keys(institutions))
    const present = institutions[id]!
    const served = Object.keys(tiers[present.tier]!.services)
    if (random() < 0.5) {
      const tier = pick(Object.keys(tiers))
      if (tier === present.tier || !served.every((service) => service in tiers[tier]!.services)) continue
      const pointer = `/institutions/${id}/tier`
      return changed(document, id, { ...present, tier }, { pointer, after: tier }, `${id} tier ${tier}`)
    }
    const service = pick(served.filter((one) => one in services))
    const down = 1_000 * Math.ceil(2_000 + 60_000 * random())
    const ceilings = { ...present.ceilings, [service]: { down, up: down } }
    const change = { pointer: `/institutions/${id}/ceilings`, after: ceilings }
    return changed(document, id, { ...present, ceilings }, change, `${id} ceiling ${service} ${formatRate(down)}`)
  }
}

function changed(
  document: PolicyDocument,
  id: string,
  institution: PolicyDocument['institutions'][string],
  change: Change,
  words: string,
) {
  return { next: { ...document, institutions: { ...document.institutions, [id]: institution } }, change, words }
}

interface Flow {
  readonly institution: string
  readonly service: string
  readonly direction: string
}
const keyOf = ({ institution, service, direction }: Flow): string => `${institution}/${service}/${direction}`

/** What the tables show: of each institution, service and direction, over all its edges. */
function needs({ controller }: Loop): Map<string, number> {
  const { plan, flows } = controller.board!
  const sums = new Map<string, number>()
  for (const [f, flow] of plan.flows.entries()) {
    if (flow.kind !== 'institution') continue
    const key = keyOf(flow)
    sums.set(key, (sums.get(key) ?? 0) + flows.need[f]!)
  }
  return sums
}

async function main(): Promise<void> {
  const begun = performance.now()
  const seed = Number(process.env.MIZANI_SEED ?? 1)
  const { changes, moved, asked, faults } = await agree(Number(process.env.MIZANI_CHANGES ?? 1_000), seed)
  for (const fault of faults.slice(0, 20)) console.log(`FAILED ${fault}`)
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  const verdict = faults.length === 0 && moved > 0 ? 'all agree' : `${faults.length} FAILED`
  console.log(
    `agree: seed ${seed}, ${changes} changes, ${moved} needs moved, ` +
      `${asked} moved what is asked, ${seconds} s: ${verdict}`,
  )
  process.exitCode = faults.length === 0 && moved > 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
