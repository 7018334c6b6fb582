// The policy store of the model, which can be lost, and what each controller knows of it. A controller judges the store
// by the production rule (policy/in-force/known.ts) and keeps what it knows through a restart. What people have really
// ordered is remembered apart, so that what edges do can be compared with it.

import type { Enforcement } from '../../../src/model/network.js'
import type { Milliseconds, UnixMilliseconds } from '../../../src/model/units.js'
import { provisionalIndexes } from '../../../src/policy/compile/compile.js'
import type { PolicyDocument } from '../../../src/policy/document/document.js'
import { type Found, type Holds, isSettled, lossOf, newestOf } from '../../../src/policy/in-force/known.js'
import { fieldOf, parseRegister } from '../../../src/policy/in-force/register.js'
import type { EnforcementSwitch } from '../../../src/policy/revisions/revisions.js'
import type { ManualClock } from '../../../src/runtime/clock.js'
import type { Revision } from '../../../src/tick/planner.js'
import type { Random } from './random.js'

export interface Contents {
  /** By number. */
  readonly revisions: ReadonlyMap<number, Revision>
  readonly register: Readonly<Record<string, string>>
  readonly orders: ReadonlyMap<string, EnforcementSwitch>
}

/** What a controller knows. */
export interface Known extends Holds {
  readonly revision: Revision
}

/** What makes an edge enforce. */
export const GROUNDS = ['plane', 'order', 'trial'] as const
/** An institution that a mode holds down, and to how many bit/s. */
export const HELD_DOWN = 'inst-001'
export const MODE_CEILING = 5_000_000
const MODE = 'night'
const FOREVER: Milliseconds = 3_600_000
const EMPTY: Contents = { revisions: new Map(), register: {}, orders: new Map() }

const without = <Value>(map: ReadonlyMap<string, Value>, key: string): Map<string, Value> =>
  new Map([...map].filter(([other]) => other !== key))

/** The plane as a folder seeds it: every edge observes, no mode is prepared. */
function observing(document: PolicyDocument): PolicyDocument {
  const next = structuredClone(document)
  for (const edge of Object.values(next.edges)) edge.enforcement = 'observe'
  next.modes = {}
  return next
}

const revisionOf = (document: PolicyDocument, revision: number, hash = `sha256:${revision}`): Revision => ({
  ...{ document, revision, hash, indexes: provisionalIndexes(document) },
})

/** Ways in which a store is lost: from what it holds, and what it held when it began. */
export const LOSSES: Readonly<Record<string, (now: Contents, first: Contents, random: Random) => Contents>> = {
  'it comes back empty': () => EMPTY,
  'it comes back older': (_, first) => first,
  'another controller seeds it': (_, first) => ({
    ...EMPTY,
    revisions: new Map([[1, revisionOf(observing(first.revisions.get(1)!.document), 1, 'sha256:seed')]]),
  }),
  "it is another plane's": ({ revisions }, first) => {
    const document = observing(first.revisions.get(1)!.document)
    const numbers = Array.from({ length: Math.max(...revisions.keys()) + 1 }, (_, k) => k + 1)
    return { ...EMPTY, revisions: new Map(numbers.map((k) => [k, revisionOf(document, k, `sha256:other-${k}`)])) }
  },
  'its orders are damaged': (now) => ({ ...now, orders: new Map() }),
  'its register is damaged': (now) => ({ ...now, register: {} }),
  'its head is damaged': (now) => ({ ...now, revisions: new Map() }),
  'it loses one order': (now, _, random) => ({
    ...now,
    orders: without(now.orders, random.pick([...now.orders.keys()])),
  }),
  'it loses the mode': (now) => ({ ...now, register: { version: now.register.version! } }),
  'its orders are older': (now) => ({
    ...now,
    orders: new Map(
      [...now.orders].map(([edge, order]) => [edge, { ...order, enforcement: 'observe', until: null, at: 1 }]),
    ),
  }),
}

export class PolicyStore {
  /** What it holds now, and what it should hold. */
  contents: Contents
  #meant: Contents
  readonly #first: Contents
  readonly #clock: ManualClock
  /** By edge, when it was last ordered something. */
  readonly #orderedAt = new Map<string, Milliseconds>()

  /** `document`: with every edge in enforce. The way in which each enforces is drawn. */
  constructor(document: PolicyDocument, clock: ManualClock, random: Random) {
    this.#clock = clock
    const held = structuredClone(document)
    held.modes[MODE] = {
      ...{ name: { en: 'Night', sw: 'Usiku' }, labels: {}, atMost: 600 },
      patches: [{ on: { institution: HELD_DOWN }, ceilings: { internet: { down: MODE_CEILING, up: MODE_CEILING } } }],
    }
    const now = clock.wall()
    const deed = { reason: 'a story', author: 'asha' }
    const mode = JSON.stringify({ mode: MODE, from: now, until: now + FOREVER, ...deed })
    const orders = new Map<string, EnforcementSwitch>()
    for (const [edge, about] of Object.entries(held.edges)) {
      const ground = random.pick(GROUNDS)
      if (ground === 'plane') continue
      about.enforcement = 'observe'
      const ends = random.chance(0.5) ? FOREVER : random.between(15_000, 60_000)
      orders.set(edge, { enforcement: 'enforce', until: ground === 'trial' ? now + ends : null, at: now, ...deed })
    }
    const register = { version: '2', [fieldOf.mode(MODE)]: mode }
    this.contents = { revisions: new Map([[1, revisionOf(held, 1)]]), register, orders }
    this.#meant = this.contents
    this.#first = this.contents
  }

  get document(): PolicyDocument {
    return headOf(this.#meant)!.document
  }

  lose(how: string, random: Random): void {
    this.contents = LOSSES[how]!(this.#meant, this.#first, random)
  }

  /** Somebody restores it, or decides that what is known goes on. */
  restore(decides: boolean): void {
    if (decides) {
      const known = headOf(this.#meant)!
      const next = known.revision + 1
      const of = { revision: known.revision, hash: known.hash }
      const settled = JSON.stringify({ of, decision: 'keep', author: 'asha', at: this.#clock.wall() })
      const version = `${Number(this.#meant.register.version) + 1}`
      this.#meant = {
        ...this.#meant,
        revisions: new Map([...this.#meant.revisions, [next, revisionOf(known.document, next)]]),
        register: { ...this.#meant.register, version, [fieldOf.settled]: settled },
      }
    }
    this.contents = this.#meant
  }

  /** Writes a revision, which becomes the next one. */
  put(document: PolicyDocument): void {
    const next = headOf(this.#meant)!.revision + 1
    this.#write({ ...this.#meant, revisions: new Map([...this.#meant.revisions, [next, revisionOf(document, next)]]) })
  }

  order(edge: string, enforcement: Enforcement, until: UnixMilliseconds | null): void {
    const order = { enforcement, until, at: this.#clock.wall(), reason: 'a story', author: 'asha' }
    this.#orderedAt.set(edge, this.#clock.monotonic())
    this.#write({ ...this.#meant, orders: new Map([...this.#meant.orders, [edge, order]]) })
  }

  #write(next: Contents): void {
    this.#meant = next
    this.contents = next
  }

  /** What an edge is really to do, and since when, by the clock that does not jump. */
  meantOf(edge: string): { readonly enforcement: Enforcement; readonly since: Milliseconds } {
    const since = this.#orderedAt.get(edge) ?? Number.NEGATIVE_INFINITY
    const order = this.#meant.orders.get(edge)
    const past = this.#clock.wall() - (order?.until ?? Number.POSITIVE_INFINITY)
    if (order !== undefined && past < 0) return { enforcement: order.enforcement, since }
    const ended = this.#clock.monotonic() - past
    return { enforcement: this.document.edges[edge]!.enforcement, since: Math.max(since, order ? ended : since) }
  }

  lookAt(known: number): Found {
    const { revisions, register, orders } = this.contents
    const head = headOf(this.contents)
    const hashOfKnown = revisions.get(known)?.hash ?? null
    return { head, hashOfKnown, register: parseRegister({ ...register }), orders }
  }
}

const headOf = ({ revisions }: Contents): Revision | null => revisions.get(Math.max(...revisions.keys())) ?? null

/** What one controller knows of the store. */
export class PolicyView {
  known: Known
  /** What the store has lost of it; null: nothing. */
  loss: string | null = null
  readonly #store: PolicyStore
  readonly #clock: ManualClock

  readonly #believes: boolean

  /**
   * `kept`: what it knew before it was restarted; absent: it has never run. `believes`: a mistake of the past, whatever
   * the store says holds.
   */
  constructor(
    store: PolicyStore,
    clock: ManualClock,
    { kept, believes = false }: { kept?: Known; believes?: boolean },
  ) {
    this.#believes = believes
    this.#store = store
    this.#clock = clock
    const { register, orders } = store.lookAt(0)
    this.known = kept ?? { revision: headOf(store.contents)!, register, orders }
    this.refresh()
  }

  /** True: something else holds now. */
  refresh(): boolean {
    const { known } = this
    const found = this.#store.lookAt(known.revision.revision)
    this.loss = this.#believes ? null : lossOf(known, found, this.#clock.wall())
    if (this.loss !== null) return false
    const orders = this.#believes || isSettled(known, found) ? found.orders : newestOf(known.orders, found.orders)
    this.known = { revision: headOf(this.#store.contents) ?? known.revision, register: found.register, orders }
    return JSON.stringify([known.revision.revision, ...known.orders]) !== JSON.stringify(this.#now)
  }

  get #now(): unknown[] {
    return [this.known.revision.revision, ...this.known.orders]
  }
}
