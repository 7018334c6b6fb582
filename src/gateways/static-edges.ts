// What people do by hand at edges: read a configuration to type in, say that it stands, and empty an edge that is to be
// switched off. What they say is kept in the register, so it outlives this process and holds for every controller.

import type { PolicyState } from '../change/policy-state.js'
import type { UnixMilliseconds } from '../model/units.js'
import { type Drain, type EdgeConfirmation, fieldOf } from '../policy/in-force/register.js'
import type { Revision } from '../policy/revisions/revisions.js'
import { profileOf } from '../publish/profile.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { Problem } from '../solve/problem.js'
import { agrees, ratesOfEdge, type StaticConfirmation, StaticRates } from '../tick/static-rates.js'
import { renderIosXe } from './ios-xe.js'

/** How many revisions are solved again to find where a difference began; an older one began at that time or before. */
const LOOKED_AT = 20

export interface StaticEdgesOptions {
  readonly policy: PolicyState
  readonly solve: (problem: Problem) => Promise<unknown>
  readonly clock: Clock
  readonly log: Logger
}

/** Since when an edge differs, as found out for one confirmation under one policy. */
interface Beginning {
  /** When it was confirmed. */
  readonly at: UnixMilliseconds
  readonly hash: string
  readonly since: UnixMilliseconds | null
}

export interface RenderedEdge {
  readonly edge: string
  readonly revision: number
  readonly text: string
  /** Sites that are not in it, and why. */
  readonly left: readonly string[]
}

export class StaticEdges {
  readonly #policy: PolicyState
  readonly #clock: Clock
  readonly #log: Logger
  readonly #rates: StaticRates
  readonly #began = new Map<string, Beginning>()
  #looking: Promise<void> = Promise.resolve()

  constructor({ policy, solve, clock, log }: StaticEdgesOptions) {
    this.#policy = policy
    this.#clock = clock
    this.#log = log
    this.#rates = new StaticRates(solve)
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

  /** The text of a revision, the present one unless said. @throws MizaniError NOT_FOUND, STORE_UNAVAILABLE. */
  async render(edge: string, port: string, number: number | null): Promise<RenderedEdge> {
    const revision = await this.#revision(number)
    const ofRevision = await this.#rates.of(revision)
    const rates = ratesOfEdge(ofRevision, edge)
    if (rates === null) throw notFound('edge', `${edge}" in revision "${revision.revision}`)
    const { plan } = ofRevision
    const place = plan.edges.find(({ id }) => id === edge)!
    const records = place.flows.map((f) => {
      const { record } = plan.flows[f]!
      return { ...record, rate: ofRevision.kbps[f]!, safe: 0, burst: 0, classes: [] }
    })
    const profile = profileOf(plan, place, null)
    return {
      edge,
      revision: revision.revision,
      ...renderIosXe(profile, records, { port, revision: revision.revision }),
    }
  }

  /**
   * Notes that the text of this revision is in force at the edge.
   * @throws MizaniError NOT_FOUND for a revision or an edge in it that is not there, STORE_UNAVAILABLE and its kin.
   */
  async confirm(edge: string, number: number, author: string): Promise<EdgeConfirmation> {
    const revision = await this.#revision(number)
    const rates = ratesOfEdge(await this.#rates.of(revision), edge)
    if (rates === null) throw notFound('edge', `${edge}" in revision "${number}`)
    const said = { edge, revision: number, at: this.#clock.wall(), author, rates: Object.fromEntries(rates) }
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
    for (const said of this.#policy.register.confirmations) {
      const { edge, at } = said
      const { hash } = this.#policy.revision
      const known = this.#began.get(edge)
      if (known?.at === at && known.hash === hash) continue
      try {
        this.#began.set(edge, { at, hash, since: await this.#beginningOf(said) })
      } catch (error) {
        this.#log.warn({ edge, reason: messageOf(error) }, 'since when it differs is not known')
      }
    }
  }

  /** When the policy began to say something else than stands there and went on to; null: it does not. */
  async #beginningOf(said: EdgeConfirmation): Promise<UnixMilliseconds | null> {
    const present = this.#policy.revision
    const oldest = Math.max(said.revision, present.revision - LOOKED_AT + 1)
    let since: UnixMilliseconds | null = null
    for (let n = present.revision; n >= oldest; n--) {
      const revision = n === present.revision ? present : await this.#policy.store.get(n)
      if (revision === null) break
      const wanted = ratesOfEdge(await this.#rates.of(revision), said.edge)
      if (agrees(said, wanted)) break
      since = revision.meta.at
    }
    return since
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
