// What the box says of a rate is what the controller says of it, at the same tick; and with the controller away it is
// what was said last, with its time. The controller and the agent are the production ones.

import t from 'tap'
import { createAgent } from '../../src/edge/agent.js'
import type { Driver } from '../../src/edge/driver.js'
import { EMPTY_TABLE, type RateTable, rateOperations, tableAfter } from '../../src/edge/drivers/rate-operations.js'
import { statusPage } from '../../src/edge/local/picture.js'
import type { EdgeTransport, TransportListener } from '../../src/edge/transport.js'
import type { LimitedBy } from '../../src/model/explanation.js'
import type { EdgeReport } from '../../src/model/lease.js'
import type { Text } from '../../src/model/network.js'
import type { Plan } from '../../src/model/plan.js'
import { WEEKDAYS } from '../../src/policy/document/members.js'
import type { Patch } from '../../src/policy/document/prepared.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import type { EdgePublication } from '../../src/publish/publication.js'
import { isRefusal } from '../../src/wire/bytes.js'
import { crcOf, decodeRates, encodeRates } from '../../src/wire/codec.js'
import type { RateMessage, SentReport } from '../../src/wire/messages.js'
import { decodeProfile } from '../../src/wire/profile-reader.js'
import { generator } from '../wire/samples.js'
import { Loop, ModelEdge } from './loop.js'
import { smallPlane } from './small-plane.js'

const EDGE = 'east'

/** A gateway whose agent is the real one, over bytes; what it counts is the model's. */
class AgentEdge extends ModelEdge {
  readonly agent: ReturnType<typeof createAgent>
  #listener: TransportListener | null = null
  #stored: RateMessage | null = null
  #profile: Buffer | null = null
  #said: SentReport | null = null
  #table: RateTable = EMPTY_TABLE

  constructor(plan: Plan, { clock }: Loop) {
    super(plan, plan.edges.find(({ id }) => id === EDGE)!, clock)
    const log = { debug() {}, info() {}, warn() {}, error() {} } as never
    const self = { instance: 'aaaaaaaa00000001', place: 'here' }
    const boot = '00000000000000b1'
    this.agent = createAgent({
      ...{ edge: EDGE, driver: this.#driver(), clock, transport: this.#transport(), stateDir: null, log, boot, self },
    })
  }

  #driver(): Driver<RateTable> {
    return {
      ...{ name: 'table', simulated: true, plan: rateOperations, observe: async () => this.#table },
      probe: async () => ({ facts: {}, obstacles: [] }),
      apply: async (operations, desired) => {
        this.#table = tableAfter(desired)
        return { applied: operations.length, refusal: null }
      },
      stats: async () => ({ generation: 1, leaves: [] }),
      close: async () => undefined,
    }
  }

  #transport(): EdgeTransport {
    return {
      open: (listener) => {
        this.#listener = listener
        listener.linked()
      },
      readSnapshot: async () => this.#stored && received(this.#stored),
      readProfile: async () => this.#profile && decodeProfile(this.#profile),
      sendReport: async (report) => {
        this.#said = report
      },
      reconnect: () => undefined,
      close: async () => undefined,
    }
  }

  override receive(publication: EdgePublication): void {
    super.receive(publication)
    const { snapshot, message, profile } = publication
    this.#profile = profile
    if (snapshot) this.#stored = snapshot
    const taken = received(message)
    if (!isRefusal(taken)) this.#listener?.received(taken)
  }

  override report(): EdgeReport {
    const { stamp, applied, state, instance } = this.#said!
    return { ...super.report(), stamp, applied, state, reads: 5, ...(instance === undefined ? {} : { instance }) }
  }

  /** What it says of its flows, as a person at the box reads it: institution, service, direction. */
  reasons(): Map<string, Text | null> {
    const { sites } = statusPage(this.agent.picture())
    return new Map(
      sites.flatMap(({ institution, flows }) =>
        flows.map(({ service, direction, reason }) => [`${institution}/${service}/${direction}`, reason] as const),
      ),
    )
  }
}

function received(message: RateMessage) {
  const bytes = encodeRates(message)
  const read = decodeRates(bytes, { edge: EDGE })
  return isRefusal(read) ? read : { message: read, crc: crcOf(bytes) }
}

const patchOf = (institution: string, ceiling: number): Patch => ({
  on: { institution },
  ceilings: { internet: { down: ceiling, up: ceiling } },
})
const HELD = {
  ...{ from: 0, until: 1e15, reason: 'a test', reference: null, owner: 'juma', author: 'asha', at: 0 },
}
const DAY = {
  ...{ name: { en: 'All day', sw: 'Siku nzima' }, labels: {}, days: [...WEEKDAYS], from: '00:00', until: '00:00' },
  ...{ only: null, except: null },
}

const textOf = ({ code, id }: LimitedBy): string => `${code} ${id}`

t.test('at 500 moments of a network in trouble both say the same; alone the box says what was so last', async (t) => {
  const random = generator(19)
  const document = smallPlane({ upstream: 300_000_000, institutions: 6 })
  const offers = new Map<string, number>()
  const loop = new Loop({ document, offer: (flow) => offers.get(flow) ?? 0 })
  await loop.step()
  const { plan } = loop.controller.board!
  const box = new AgentEdge(plan, loop)
  loop.edges.set(EDGE, box)
  await box.agent.start()
  const here = plan.flows.filter(({ edge, kind }) => edge === EDGE && kind === 'institution')
  const codes = new Set<string>()
  const since = new Map<string, { text: string; ticks: number }>()
  let moments = 0
  let layered = false
  let last = new Map<string, Text>()
  for (let tick = 0; tick < 120; tick++) {
    if (tick % 4 === 0)
      for (const { id } of plan.flows) if (random(3) === 0) offers.set(id, [1e5, 5e6, 50e6, 500e6][random(4)]!)
    if (tick % 20 === 7) loop.conditions = random(2) === 0 ? {} : { transit: (1 + random(9)) / 10 }
    if (tick % 20 === 13) {
      const overrides = random(3) === 0 ? [] : [{ ...HELD, id: `o-${tick}`, patch: patchOf('inst-002', 20e6) }]
      loop.inForce = { ...NOTHING_IN_FORCE, overrides }
    }
    if (tick % 50 === 30) {
      const small = document.tiers[random(2) === 0 ? 'large' : 'small']!
      const day = { ...DAY, patches: [patchOf('inst-004', 30e6)] }
      const schedules: typeof document.schedules = random(2) === 0 ? {} : { day }
      loop.document = { ...document, tiers: { ...document.tiers, small }, schedules }
      loop.revision++
    }
    await loop.step()
    const board = loop.controller.board!
    const said = box.reasons()
    last = new Map()
    for (const flow of here) {
      const f = board.plan.flowIndex.get(flow.id)!
      const { institution, service, direction } = board.plan.flows[f]!
      const { atBox, limitedBy } = board.explain(f)
      const name = `${institution}/${service}/${direction}`
      if (tick > 2) {
        moments++
        if (JSON.stringify(said.get(name)) !== JSON.stringify(atBox))
          t.same(said.get(name), atBox, `${name} at ${tick}`)
      }
      if (atBox) last.set(name, atBox)
      layered ||= atBox?.en.includes('the schedule day sets') ?? false
      // What has been so for longer than a line is spared is what was told.
      const text = textOf(limitedBy)
      const known = since.get(name)
      const ticks = known?.text === text ? known.ticks + 1 : 0
      since.set(name, { text, ticks })
      if (ticks < 4 || limitedBy.code === 'PENDING') continue
      codes.add(limitedBy.code)
      const isNamed = limitedBy.id === null || atBox!.en.includes(limitedBy.id)
      if (!isNamed || (limitedBy.code === 'DEMAND') !== atBox!.en.startsWith('Nothing'))
        t.fail(`${name}: ${text}, told: ${atBox?.en}`)
    }
  }
  t.ok(moments >= 500)
  t.same([...codes].sort(), ['CEILING', 'DEMAND', 'LINK', 'OVERRIDE'], 'in all of these states')
  t.match([...last.values()][0]?.en, /Guarantee .* ceiling /)
  t.ok(layered, 'the schedule that sets a ceiling is named')
  const heard = loop.clock.wall()
  await loop.clock.advance(600_000)
  const page = statusPage(box.agent.picture())
  t.equal(page.state, 'SAFE')
  for (const [name, text] of last) t.same(box.reasons().get(name), text, name)
  t.ok(page.reasonsAt !== null && heard - page.reasonsAt <= 1_000, 'as of when it was told')
  await box.agent.stop()
})
