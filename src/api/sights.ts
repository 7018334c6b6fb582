// Which sight each caller has over the policy in force: that of their scope, where they read within it alone; that of
// everything but restricted institutions, for whoever only looks around and for whoever has a scope that those lie
// outside of; none, which is everything, for all others. Who is who is found out once for all of them.

import { canonicalJson } from '../model/canonical.js'
import { isCleared, type Principal, readsWithin, type Scope } from '../model/principal.js'
import { LruMap } from '../runtime/lru-map.js'
import type { ServerDeps } from './ports.js'
import { type Own, ScopedSight } from './scoped-sight.js'
import { type KnownPolicy, knownIn, NOBODY, WhoIsWho } from './who-is-who.js'

/** As many scopes as look at one policy at a time. */
const SIGHTS_KEPT = 50
/** Proposals that are forgotten and still known here, beside as many as there are. */
const FORGOTTEN = 100
/** Changes of a proposal that are learned in a millisecond or two. */
const CHANGES = 500

export type SightDeps = Pick<ServerDeps, 'policy' | 'scopes'>
type Proposals = SightDeps['policy']['proposals']
type Changes = ReturnType<Proposals['list']>[number]['changes']

/** Whose sight it is; a null principal is nobody in particular, on the machine itself. */
export type SightOf = (principal: Pick<Principal, 'roles' | 'scope'> | null) => ScopedSight | null

export function sightsOf({ policy, scopes }: SightDeps, proposed: Proposed): SightOf {
  let kept = new LruMap<ScopedSight>(SIGHTS_KEPT)
  let index: WhoIsWho | null = null
  let restricted: ReadonlySet<string> = new Set()
  let of: object | null = null
  const look = (): KnownPolicy => {
    const { document } = policy.state.revision
    if (of !== document) {
      kept = new LruMap(SIGHTS_KEPT)
      index = null
      restricted = restrictedIn(document)
    }
    of = document
    return document
  }
  /** Made by whoever first needs it: most policies have nothing that is restricted, and few accounts a scope. */
  const known = (): WhoIsWho => {
    const { document, indexes } = policy.state.revision
    index ??= new WhoIsWho(document, indexes.keys())
    return index
  }
  const within = (document: KnownPolicy, scope: Scope): ReadonlySet<string> =>
    ownOf(document, (id) => scopes.institution(id, scope))
  return (principal) => {
    const scope = principal && readsWithin(principal)
    if (scope !== null) {
      const document = look()
      return kept.get(canonicalJson(scope), () => {
        return new ScopedSight(known(), within(document, scope), () => proposed.index())
      })
    }
    if (principal !== null && isCleared(principal)) return null
    const document = look()
    if (restricted.size === 0 && proposed.restricted().size === 0) return null
    const theirs = principal?.scope ?? null
    return kept.get(`sum ${canonicalJson(theirs)}`, () => {
      const mine = theirs === null ? new Set<string>() : within(document, theirs)
      const own = new AllButRestricted(document, known(), mine, () => proposed.restricted())
      return new ScopedSight(known(), own, () => proposed.index(), true)
    })
  }
}

function restrictedIn({ institutions, former = {} }: KnownPolicy): ReadonlySet<string> {
  const all = [...Object.entries(former), ...Object.entries(institutions)]
  return new Set(all.flatMap(([id, { restricted }]) => (restricted === true ? [id] : [])))
}

/** Institutions of a scope, and those that are gone of which nobody else was made. */
export function ownOf({ institutions, former = {} }: KnownPolicy, isOwn: (id: string) => boolean): ReadonlySet<string> {
  const [mine, others] = [new Set<string>(), new Set<string>()]
  const past: string[] = []
  for (const [id, { from = [] }] of Object.entries(institutions)) {
    if (isOwn(id)) mine.add(id)
    for (const one of from) isOwn(id) ? past.push(one) : others.add(one)
  }
  for (const id of past) if (id in former && !others.has(id)) mine.add(id)
  return mine
}

/**
 * What is shown to whoever is not cleared. Of an institution that is gone without a word nobody knows any more whether
 * it was restricted: it is hidden, and so is what somebody proposes to make restricted.
 */
class AllButRestricted implements Own {
  readonly #restricted: ReadonlySet<string>
  readonly #document: KnownPolicy
  readonly #index: WhoIsWho
  readonly #mine: ReadonlySet<string>
  readonly #proposed: () => ReadonlySet<string>

  constructor(document: KnownPolicy, index: WhoIsWho, mine: ReadonlySet<string>, proposed: () => ReadonlySet<string>) {
    this.#document = document
    this.#restricted = restrictedIn(document)
    this.#index = index
    this.#mine = mine
    this.#proposed = proposed
  }

  has(id: string): boolean {
    if (this.#mine.has(id)) return true
    if (this.#restricted.has(id)) return false
    const { institutions, former = {} } = this.#document
    if (Object.hasOwn(institutions, id) || Object.hasOwn(former, id)) return true
    return this.#index.whose(id) !== id && !this.#proposed().has(id)
  }
}

/** What the proposals there are would make; of one that is forgotten it is known for a while longer. */
export class Proposed {
  readonly #proposals: Proposals
  #index = new WhoIsWho(NOBODY)
  #known = new Set<string>()
  #of: object | null = null
  readonly #restrictedBy = new WeakMap<Changes, readonly string[]>()
  #restricted: ReadonlySet<string> = new Set()
  #restrictedOf: object | null = null

  constructor({ proposals }: SightDeps['policy']) {
    this.#proposals = proposals
  }

  index(): WhoIsWho {
    const learning = this.learning()
    while (learning.next().done !== true);
    return this.#index
  }

  /** Institutions that somebody proposes to make, and to restrict. */
  restricted(): ReadonlySet<string> {
    const list = this.#proposals.list()
    if (this.#restrictedOf !== list) this.#restricted = new Set(list.flatMap(({ changes }) => this.#restricts(changes)))
    this.#restrictedOf = list
    return this.#restricted
  }

  #restricts(changes: Changes): readonly string[] {
    const before = this.#restrictedBy.get(changes)
    if (before !== undefined) return before
    const found = [...restrictedIn(knownIn(changes))]
    this.#restrictedBy.set(changes, found)
    return found
  }

  /** Learns of those that are new, with a pause after each piece. */
  *learning(): Generator<undefined, void, undefined> {
    const list = this.#proposals.list()
    if (this.#of === list) return
    if (this.#known.size > 2 * list.length + FORGOTTEN) {
      this.#index = new WhoIsWho(NOBODY)
      this.#known = new Set()
    }
    // Another one may begin anew during a pause.
    const [index, known] = [this.#index, this.#known]
    for (const { id, base, changes } of list) {
      const name = `${id} ${base}`
      if (known.has(name)) continue
      for (let at = 0; at < changes.length; at += CHANGES) {
        index.add(knownIn(changes.slice(at, at + CHANGES)))
        yield
      }
      known.add(name)
    }
    if (index === this.#index) this.#of = list
  }
}
