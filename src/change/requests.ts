// A member asks for more for the one institution that they speak for: another tier, or other ceilings, and why. What it
// would do is looked at as it is made and stays with it. Somebody who may change the policy accepts it, which makes it
// a proposal like any other, or refuses it with a reason that the member reads. Nothing of it changes the policy.

import type { Impact, Preview } from '../model/preview.js'
import type { Scope } from '../model/principal.js'
import { LOOKED_AT } from '../model/request.js'
import type { Asker } from '../model/revision.js'
import type { PolicyDocument } from '../policy/document/document.js'
import { id, ratePair } from '../policy/document/scalars.js'
import type { Proposal } from '../policy/revisions/proposal.js'
import { institutionInScope } from '../policy/revisions/scope.js'
import type { Clock } from '../runtime/clock.js'
import { invalid, MizaniError } from '../runtime/errors.js'
import { MAX_REQUESTS_DECIDED, MAX_REQUESTS_KEPT, MAX_REQUESTS_WAITING } from '../runtime/limits.js'
import { shapeFaults } from '../runtime/shape-faults.js'
import * as z from '../runtime/zod.js'
import type { PolicyPort } from './policy-control.js'
import { idInRegister, knownAs } from './register-ids.js'
import { type ChosenTier, choicesOf } from './request-choices.js'
import type { KeptRequests, MemberRequest, RequestStore } from './request-store.js'

/** Of the others who would have less so many are named. */
const OTHERS_NAMED = 10

type Wish = Pick<MemberRequest, 'institution' | 'tier' | 'ceilings' | 'reason'>
/** What is asked for; null and none: as it is. Rates as people write them. */
export type SaidWish = Omit<Wish, 'ceilings'> & { readonly ceilings: unknown }

const ceilingsShape = z.record(id, ratePair)

/** A request, and what became of the proposal that it was accepted into: null while there is none, or none any more. */
export interface RequestSeen {
  readonly request: MemberRequest
  readonly outcome: Proposal['state'] | null
}

export interface RequestsOptions {
  readonly store: RequestStore
  readonly policy: Pick<PolicyPort, 'proposals'> & {
    readonly state: Pick<PolicyPort['state'], 'current'> & {
      readonly document: PolicyDocument
      readonly revision: { readonly revision: number }
    }
    readonly changes: Pick<PolicyPort['changes'], 'look'>
  }
  readonly clock: Clock
}

interface Deciding extends Asker {
  /** What they may change; null: everything. */
  readonly scope: Scope | null
}

export class Requests {
  readonly #store: RequestStore
  readonly #policy: RequestsOptions['policy']
  readonly #clock: Clock

  constructor({ store, policy, clock }: RequestsOptions) {
    this.#store = store
    this.#policy = policy
    this.#clock = clock
  }

  async list(): Promise<RequestSeen[]> {
    return (await this.#store.read()).requests.map((request) => this.#seen(request))
  }

  /** @throws MizaniError NOT_FOUND. */
  async find(id: string): Promise<RequestSeen> {
    return this.#seen(found((await this.#store.read()).requests, id))
  }

  /** What the institution may ask for. @throws MizaniError NOT_FOUND. */
  choices(institution: string): readonly ChosenTier[] {
    this.#institution(institution)
    return choicesOf(this.#policy.state.document, institution)
  }

  /**
   * @param how `dryRun`: nothing is kept; `request`: names the write, so that the same one again is the same request
   * @throws MizaniError BAD_REQUEST: it changes nothing; RATE_LIMITED: enough of the institution's wait; NOT_FOUND,
   * POLICY_INVALID, and what the store throws.
   */
  async make(said: SaidWish, asker: Asker, how: { readonly dryRun: boolean; readonly request: string | undefined }) {
    const wish = readWish(said)
    const id = idInRegister('r', how.request)
    const at = this.#clock.wall()
    const { requests } = await this.#store.read()
    const known = knownAs(id, how.request, requests, at)
    if (known !== undefined) return this.#seen(known)
    assertRoom(requests, wish.institution)
    const { revision } = this.#policy.state.revision
    const preview = await this.#policy.changes.look(this.#wished(wish, this.#policy.state.document), asker)
    const about = { id, author: asker.actor, at, state: 'open', decided: null, proposal: null } as const
    const request: MemberRequest = { ...wish, ...about, preview: briefly(preview, revision, wish.institution) }
    if (how.dryRun) return this.#seen(request)
    await this.#change((now) => {
      if (now.some((one) => one.id === id)) return null
      assertRoom(now, wish.institution)
      return { kept: [request], gone: forgotten(now, wish.institution) }
    })
    return this.#seen(request)
  }

  /**
   * Makes it a proposal of whoever accepts it.
   * @throws MizaniError NOT_FOUND, PRECONDITION_FAILED: it is decided; FORBIDDEN, and as `propose`.
   */
  async accept(id: string, { actor, scope }: Deciding): Promise<RequestSeen> {
    const request = this.#mine(found((await this.#store.read()).requests, id), scope)
    assertOpen(request)
    const { proposals } = this.#policy
    const name = `request-${id}`
    // It may have been proposed by one that was killed before it could say so here.
    const made = proposals.list().find((one) => one.id === idInRegister('p', name))
    const asked = { author: actor, scope, reason: request.reason, reference: id, effectiveAt: null, request: name }
    const edit = ({ document }: { readonly document: unknown }) => this.#wished(request, document as PolicyDocument)
    const proposal = made ?? (await proposals.propose(edit, asked))
    try {
      return await this.#decide(id, 'accepted', { by: actor, reason: null }, proposal.id)
    } catch (error) {
      const reason = `request ${id} was decided otherwise meanwhile`
      if (error instanceof MizaniError && error.code === 'PRECONDITION_FAILED')
        await proposals.reject(proposal.id, actor, reason)
      throw error
    }
  }

  /** @throws MizaniError NOT_FOUND, PRECONDITION_FAILED: it is decided. */
  async refuse(id: string, reason: string, { actor, scope }: Deciding): Promise<RequestSeen> {
    this.#mine(found((await this.#store.read()).requests, id), scope)
    return this.#decide(id, 'refused', { by: actor, reason }, null)
  }

  /** @throws MizaniError NOT_FOUND: nor is there one of others; PRECONDITION_FAILED: it is decided. */
  async withdraw(id: string, institution: string | null, actor: string): Promise<RequestSeen> {
    const request = found((await this.#store.read()).requests, id)
    if (request.institution !== institution) throw notFound(id)
    return this.#decide(id, 'withdrawn', { by: actor, reason: null }, null)
  }

  async #decide(
    id: string,
    state: MemberRequest['state'],
    by: { readonly by: string; readonly reason: string | null },
    proposal: string | null,
  ): Promise<RequestSeen> {
    const decided = { ...by, at: this.#clock.wall() }
    const next = await this.#change((now) => {
      const request = found(now, id)
      // Said again by the same: it is so already.
      if (state === 'accepted' && request.proposal === proposal && request.state === state) return null
      assertOpen(request)
      return { kept: [{ ...request, state, decided, proposal }], gone: [] }
    })
    return this.#seen(found(next, id))
  }

  /** Decided on the whole, again where others were faster. @returns what is kept then */
  async #change(
    decide: (now: readonly MemberRequest[]) => { kept: readonly MemberRequest[]; gone: readonly string[] } | null,
  ): Promise<readonly MemberRequest[]> {
    for (;;) {
      const { version, requests }: KeptRequests = await this.#store.read()
      const writes = decide(requests)
      if (writes === null) return requests
      const { kept, gone } = writes
      if (!(await this.#store.write(version, kept, gone))) continue
      const isOther = ({ id }: MemberRequest): boolean => !gone.includes(id) && kept.every((one) => one.id !== id)
      return [...requests.filter(isOther), ...kept]
    }
  }

  /** The policy with the wish granted. @throws MizaniError NOT_FOUND, BAD_REQUEST: it says the same. */
  #wished({ institution: id, tier, ceilings }: Omit<Wish, 'reason'>, document: PolicyDocument): unknown {
    const institution = document.institutions[id]
    if (institution === undefined) throw noInstitution(id)
    const has = institution.ceilings ?? {}
    const isNew = ([service, { down, up }]: [string, MemberRequest['ceilings'][string]]): boolean =>
      has[service]?.down !== down || has[service]?.up !== up
    const raised = Object.entries(ceilings).filter(isNew)
    if ((tier === null || tier === institution.tier) && raised.length === 0)
      throw new MizaniError({ code: 'BAD_REQUEST', message: `${id} has this already: nothing would change.` })
    const next = {
      ...institution,
      ...(tier === null ? {} : { tier }),
      ...(raised.length === 0 ? {} : { ceilings: { ...has, ...Object.fromEntries(raised) } }),
    }
    return { ...document, institutions: { ...document.institutions, [id]: next } }
  }

  #institution(id: string) {
    const institution = this.#policy.state.document.institutions[id]
    if (institution === undefined) throw noInstitution(id)
    return institution
  }

  /** What lies outside the scope of whoever decides is not there for them. @throws MizaniError NOT_FOUND. */
  #mine(request: MemberRequest, scope: Scope | null): MemberRequest {
    if (institutionInScope(this.#policy.state.document, request.institution, scope)) return request
    throw notFound(request.id)
  }

  #seen(request: MemberRequest): RequestSeen {
    const proposal = this.#policy.proposals.list().find(({ id }) => id === request.proposal)
    return { request, outcome: proposal?.state ?? null }
  }
}

/** @throws MizaniError POLICY_INVALID for what is no rate. */
function readWish({ ceilings, ...wish }: SaidWish): Wish {
  const parsed = ceilingsShape.safeParse(ceilings)
  if (parsed.success) return { ...wish, ceilings: parsed.data }
  const faults = shapeFaults(parsed.error.issues).map((fault) => ({ ...fault, pointer: `/ceilings${fault.pointer}` }))
  throw invalid('POLICY_INVALID', 'The request', faults)
}

/** @throws MizaniError RATE_LIMITED. */
function assertRoom(requests: readonly MemberRequest[], institution: string): void {
  const waiting = requests.filter((one) => one.institution === institution && one.state === 'open').length
  const message =
    waiting >= MAX_REQUESTS_WAITING
      ? `${waiting} requests of ${institution} wait to be decided, which is as many as may.`
      : requests.length >= MAX_REQUESTS_KEPT
        ? `${requests.length} requests are kept, which is as many as may be.`
        : null
  if (message === null) return
  throw new MizaniError({ code: 'RATE_LIMITED', message, advice: 'Wait for an answer, or take one back.' })
}

/** Decided ones of the institution, the earliest, beyond what is kept. */
function forgotten(requests: readonly MemberRequest[], institution: string): string[] {
  const decided = requests.filter((one) => one.institution === institution && one.state !== 'open')
  return decided.slice(0, Math.max(0, decided.length - MAX_REQUESTS_DECIDED)).map(({ id }) => id)
}

/** What of a preview stays with the request. */
function briefly({ impact, tests }: Preview, revision: number, institution: string): MemberRequest['preview'] {
  const demands = LOOKED_AT.flatMap((demand) => {
    const found = impact[demand]
    return found === null ? [] : [{ demand, ...briefImpact(found, institution) }]
  })
  return { revision, demands, testsFailed: tests.failed.length }
}

function briefImpact({ gainers, losers, totals }: Impact, of: string) {
  const shift = ({ institution, service, direction, before, after }: Impact['losers'][number]) => ({
    ...{ institution, service, direction, before, after },
  })
  const others = losers.filter(({ institution }) => institution !== of)
  return {
    own: [...gainers, ...losers].filter(({ institution }) => institution === of).map(shift),
    ...{ losers: totals.losers, broken: totals.guaranteesBroken },
    others: others.slice(0, OTHERS_NAMED).map(shift),
  }
}

function found(requests: readonly MemberRequest[], id: string): MemberRequest {
  const request = requests.find((one) => one.id === id)
  if (request === undefined) throw notFound(id)
  return request
}

/** @throws MizaniError PRECONDITION_FAILED. */
function assertOpen({ id, state, decided }: MemberRequest): void {
  if (state === 'open') return
  const message = `Request ${id} is ${state} already, by ${decided?.by}.`
  throw new MizaniError({ code: 'PRECONDITION_FAILED', message })
}

const notFound = (id: string): MizaniError =>
  new MizaniError({ code: 'NOT_FOUND', message: `There is no request "${id}".` })

const noInstitution = (id: string): MizaniError =>
  new MizaniError({ code: 'NOT_FOUND', message: `There is no institution "${id}".` })
