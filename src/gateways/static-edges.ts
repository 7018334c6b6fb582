// What people do by hand at edges: read a configuration to type in, say that it stands, and empty an edge that is to be
// switched off. What they say is kept in the register, so it outlives this process and holds for every controller.

import type { PolicyState } from '../change/policy-state.js'
import { recordKey } from '../model/lease.js'
import { leftOutSaid } from '../model/left-out.js'
import type { UnixMilliseconds } from '../model/units.js'
import { type Drain, type EdgeConfirmation, fieldOf } from '../policy/in-force/register.js'
import type { Revision } from '../policy/revisions/revisions.js'
import { profileOf } from '../publish/profile.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { agrees, ratesOfEdge, type StaticConfirmation, type StaticRates } from '../tick/static-rates.js'
import { type Placed, placeSites, type Rendered, renderIosXe } from './ios-xe.js'
import { differenceIosXe } from './ios-xe-difference.js'
import { differencesOf } from './ios-xe-read.js'

/** How many revisions are solved again to find where a difference began; an older one began at that time or before. */
const LOOKED_AT = 20

export interface StaticEdgesOptions {
  readonly policy: PolicyState
  readonly rates: Pick<StaticRates, 'of'>
  readonly clock: Clock
  readonly log: Logger
}

/** Since when an edge differs, as found out for one confirmation under one revision. */
interface Beginning {
  /** When it was confirmed. */
  readonly at: UnixMilliseconds
  readonly revision: number
  readonly since: UnixMilliseconds | null
}

/** A confirmation of which that is being found out. */
interface Sought {
  readonly said: EdgeConfirmation
  readonly known: Beginning | undefined
  /** So far back as was looked. */
  since: UnixMilliseconds | null
}

export interface RenderedEdge extends Rendered {
  readonly edge: string
  readonly revision: number
}

export interface RenderAsked {
  /** The interface towards the institutions. */
  readonly port: string
  /** Null: the one in force. */
  readonly revision: number | null
  /** Whose text the router has; null: all of it is wanted. */
  readonly since: number | null
  /** The text that takes it away again. */
  readonly remove: boolean
}

/** What somebody says of the router. */
export interface Saying {
  /** The interface towards the institutions, as it was rendered for. */
  readonly port: string
  /** Sites that the text leaves out, and that are known to be not limited. */
  readonly leftOut: readonly string[]
  /** What the router shows; null: nobody looked. */
  readonly running: string | null
}

export class StaticEdges {
  readonly #policy: PolicyState
  readonly #clock: Clock
  readonly #log: Logger
  readonly #rates: Pick<StaticRates, 'of'>
  readonly #began = new Map<string, Beginning>()
  #looking: Promise<void> = Promise.resolve()

  constructor({ policy, rates, clock, log }: StaticEdgesOptions) {
    this.#policy = policy
    this.#clock = clock
    this.#log = log
    this.#rates = rates
  }

  /** For the tick. */
  get confirmations(): readonly StaticConfirmation[] {
    return this.#policy.register.confirmations.map((said) => {
      const known = this.#began.get(said.edge)
      // What was found out of an earlier confirmation says nothing about this one.
      return { ...said, differsSince: known?.at === said.at ? known.since : null }
    })
  }

  get drains(): readonly Drain[] {
    return this.#policy.register.drains
  }

  /**
   * The text of a revision, the present one unless said; where the router has that of another, what differs from it.
   * @throws MizaniError NOT_FOUND, STORE_UNAVAILABLE.
   */
  async render(edge: string, { port, revision, since, remove }: RenderAsked): Promise<RenderedEdge> {
    const to = await this.#rendered(edge, port, revision, remove)
    if (since === null) return to
    const from = await this.#rendered(edge, port, since, remove)
    return { ...to, text: differenceIosXe({ edge, from, to }) }
  }

  async #rendered(edge: string, port: string, number: number | null, remove: boolean): Promise<RenderedEdge> {
    const revision = await this.#revision(number)
    const { profile, records, interfaces } = await this.#contentOf(edge, revision)
    const options = { port, interfaces, remove, revision: revision.revision }
    return { edge, revision: revision.revision, ...renderIosXe(profile, records, options) }
  }

  /** What a text is made from. */
  async #contentOf(edge: string, revision: Revision) {
    const ofRevision = await this.#rates.of(revision)
    const rates = ratesOfEdge(ofRevision, edge)
    if (rates === null) throw notFound('edge', `${edge}" in revision "${revision.revision}`)
    const { plan } = ofRevision
    const place = plan.edges.find(({ id }) => id === edge)!
    const records = place.flows.map((f) => {
      const { record } = plan.flows[f]!
      return { ...record, rate: ofRevision.kbps[f]!, safe: 0, burst: 0, classes: [] }
    })
    const interfaces = new Map(place.sites.flatMap((s) => (s.interface === undefined ? [] : [[s.id, s.interface]])))
    return { profile: profileOf(plan, place), records, rates, interfaces }
  }

  /**
   * Notes that the text of this revision is in force at the edge: of sites that are in it.
   * @throws MizaniError NOT_FOUND for a revision or an edge in it that is not there, PRECONDITION_FAILED for a text
   * that leaves out more than is said or a router that shows something else, STORE_UNAVAILABLE and its kin.
   */
  async confirm(edge: string, number: number, author: string, saying: Saying): Promise<EdgeConfirmation> {
    const revision = await this.#revision(number)
    const { profile, records, rates, interfaces } = await this.#contentOf(edge, revision)
    const { port, leftOut, running } = saying
    const { placed, left } = placeSites(profile, records, { port, interfaces })
    refuseUnsaid(edge, left, leftOut)
    if (running !== null) refuseDifferent(edge, differencesOf(running, placed))
    const sites = new Set(placed.map(({ site }) => site.id))
    const open = new Set(
      profile.institutions.filter((one) => one.sites.some(({ id }) => !sites.has(id))).map(({ index }) => index),
    )
    const inForce = records.filter((r) => !open.has(r.institution)).map((r) => [recordKey(r), rates.get(recordKey(r))!])
    const said = { edge, revision: number, at: this.#clock.wall(), author, rates: Object.fromEntries(inForce) }
    await this.#policy.edit(() => ({ [fieldOf.edge(edge)]: said }))
    await this.look()
    return said
  }

  /** Marks an edge that is to be switched off; null takes the mark away. */
  async drain(edge: string, mark: { readonly author: string; readonly reason: string } | null): Promise<Drain | null> {
    const present = this.drains.find((drain) => drain.edge === edge)
    if (mark !== null && present) return present
    const drain = mark && { edge, since: this.#clock.wall(), ...mark }
    await this.#policy.edit((now) =>
      drain || now.drains.some((one) => one.edge === edge) ? { [fieldOf.drain(edge)]: drain } : {},
    )
    return drain
  }

  /** Finds where differences began; to be called when the policy has changed. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookAtAll())
    return this.#looking
  }

  async #lookAtAll(): Promise<void> {
    const { revision } = this.#policy.revision
    const sought = this.#policy.register.confirmations.flatMap((said): Sought[] => {
      const before = this.#began.get(said.edge)
      const known = before?.at === said.at ? before : undefined
      return known?.revision === revision ? [] : [{ said, known, since: null }]
    })
    try {
      await this.#findBeginnings(sought)
      for (const { said, since } of sought) this.#began.set(said.edge, { at: said.at, revision, since })
    } catch (error) {
      const edges = sought.map(({ said }) => said.edge)
      this.#log.warn({ edges, reason: messageOf(error) }, 'since when they differ is not known')
    }
  }

  /**
   * When the policy began to say something else than stands there and went on to; null: it does not. Back from the
   * present revision, each of which is solved once for all edges, to where this was found out before.
   */
  async #findBeginnings(sought: readonly Sought[]): Promise<void> {
    const present = this.#policy.revision
    const oldest = present.revision - LOOKED_AT + 1
    let open = sought
    for (let n = present.revision; ; n--) {
      for (const one of open) if (one.known?.revision === n) one.since = one.known.since ?? one.since
      open = open.filter(({ said, known }) => known?.revision !== n && n >= Math.max(said.revision, oldest))
      if (open.length === 0) return
      const revision = n === present.revision ? present : await this.#policy.store.get(n, { looking: true })
      if (revision === null) return
      const rates = await this.#rates.of(revision)
      open = open.filter(({ said }) => !agrees(said, ratesOfEdge(rates, said.edge)))
      for (const one of open) one.since = revision.meta.at
    }
  }

  async #revision(number: number | null): Promise<Revision> {
    const present = this.#policy.revision
    if (number === null || number === present.revision) return present
    const revision = await this.#policy.store.get(number)
    if (revision === null) throw notFound('revision', String(number))
    return revision
  }
}

const notFound = (what: string, id: string): MizaniError =>
  new MizaniError({ code: 'NOT_FOUND', message: `There is no ${what} "${id}".` })

/** A text that says nothing of a site limits nothing of it: whoever confirms it knows that, site by site. */
function refuseUnsaid(edge: string, left: Placed['left'], leftOut: readonly string[]): void {
  const unsaid = left.filter(({ site }) => !leftOut.includes(site)).map(leftOutSaid)
  if (unsaid.length === 0) return
  throw new MizaniError({
    code: 'PRECONDITION_FAILED',
    message: `The text for ${edge} leaves out ${unsaid.length} sites, which nothing limits: ${listOf(unsaid)}`,
    advice:
      'Give them an interface or a VLAN in the policy, or name them (`--left-out ID`): they count as not limited.',
  })
}

function refuseDifferent(edge: string, differences: readonly string[]): void {
  if (differences.length === 0) return
  throw new MizaniError({
    code: 'PRECONDITION_FAILED',
    message: `The router of ${edge} shows something else in ${differences.length} places: ${listOf(differences)}`,
    advice: 'Type the rendered text in, and confirm what `show running-config` says then.',
  })
}

/** Of what a person reads, so many. */
const SAID = 10
const listOf = (texts: readonly string[]): string =>
  `${texts.slice(0, SAID).join('; ')}${texts.length > SAID ? `; and ${texts.length - SAID} more` : ''}.`
