// What holds now, read from the durable store and kept in memory: the revision in force, what engineers switched at
// edges, and the register of what people and monitoring have put in force for a while. What is written goes through
// here, and holds here once it is on disk (others hear of a revision as it is written); whether it may be written is
// asked before (policy-changes, interventions).
//
// The store is the truth. The plane's folder seeds an empty store and is an editor's copy from then on. A store that is
// away stops edits and nothing else: the last known situation holds. So it does, all of it, where the store has lost
// something of what is known here, also after a restart (policy/in-force/known.ts): until a person decides whether
// what is known goes on, or what the store holds.
//
// A revision may wait for confirmation. Its deadline is part of the revision, so that no restart and no takeover can
// forget it: whoever serves the plane when it passes brings back the revision before.

import type { OwnDeed } from '../model/happening.js'
import type { EnforcementChange, PolicyHead } from '../model/revision.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { LoadedPlane } from '../policy/files/files.js'
import {
  type Found,
  isSettled,
  type KnownPolicy,
  lossOf,
  lostFrom,
  newestOf,
  type Orders,
} from '../policy/in-force/known.js'
import { type Edit, fieldOf, type Register, type RegisterStore, type Settled } from '../policy/in-force/register.js'
import type { PutOptions, Revision, RevisionStore } from '../policy/revisions/revisions.js'
import type { Clock } from '../runtime/clock.js'
import { messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { LruMap } from '../runtime/lru-map.js'
import type { Situation } from '../tick/planner.js'
import { settlementOf } from './settling.js'
import { firstHolding, type Holding, hasLost, lookAt, nothingLost, seedOf } from './store-look.js'

export interface PolicyStateOptions {
  readonly store: RevisionStore
  readonly registerStore: RegisterStore
  /** Where the plane's folder is, and what was found there: for a store that is still empty. */
  readonly folder: string
  readonly seed: LoadedPlane
  /** What this controller keeps outside of the store; absent: nothing. */
  readonly known?: KnownPolicy
  readonly clock: Clock
  readonly log: Logger
}

/** A revision that is undone at `confirmBy` unless somebody confirms it. */
export interface Pending {
  readonly revision: number
  readonly confirmBy: UnixMilliseconds
  readonly parent: number
}

/** They share what they have in common. */
const MADE_KEPT = 8

export class PolicyState {
  readonly store: RevisionStore
  readonly #registerStore: RegisterStore
  readonly #seed: Pick<PolicyStateOptions, 'folder' | 'seed'>
  readonly #known: KnownPolicy | undefined
  readonly #clock: Clock
  readonly #log: Logger
  #revision: Revision
  #register: Register
  #switches: Orders
  #changed: () => void = () => {}
  #tell: (deed: OwnDeed) => void = () => {}
  #away = false
  /** Made here, and so found sound by this very release: whoever goes back to one need not read it. */
  readonly #made = new LruMap<Revision>(MADE_KEPT)
  /** The write under way: what it makes need not be read back. */
  #writing: Promise<unknown> = Promise.resolve()
  /** The newest revision in the store, and the newest that anybody was told of. */
  #stored: number
  #inForce: number
  /** What the store has lost of what is known. */
  #loss: string | null = null

  private constructor(
    { store, registerStore, folder, seed, known, clock, log }: PolicyStateOptions,
    { revision, register, orders }: Holding,
  ) {
    this.store = store
    this.#registerStore = registerStore
    this.#seed = { folder, seed }
    this.#known = known
    this.#clock = clock
    this.#log = log
    this.#revision = revision
    this.#register = register
    this.#switches = orders
    this.#stored = revision.revision
    this.#inForce = revision.revision
  }

  /**
   * Reads the revision in force, or makes the plane's folder the first one. Where something is known from before, that
   * holds, and what the store says is judged by it.
   * @throws MizaniError PLANE_INVALID with every fault when the store is empty and the folder cannot be used.
   */
  static async open(options: PolicyStateOptions): Promise<PolicyState> {
    const { isFirst, ...holding } = await firstHolding(options)
    const state = new PolicyState(options, holding)
    if (isFirst) state.#made.set(String(holding.revision.revision), holding.revision)
    await state.refresh()
    state.#keep()
    return state
  }

  situation(): Situation {
    this.#revertWhenDue()
    return { revision: this.#revision, inForce: this.#register, switches: this.#switches }
  }

  /** What was ordered of each edge, over or not. */
  get switches(): Orders {
    return this.#switches
  }

  get revision(): Revision {
    return this.#revision
  }

  get register(): Register {
    return this.#register
  }

  /** Whether the durable store did not answer when it was last asked. */
  get away(): boolean {
    return this.#away
  }

  /** What the store has lost, so that no edit is taken; null: nothing that is known here. */
  get lostEdits(): string | null {
    if (this.#loss !== null) return this.#loss
    if (this.#stored >= this.#inForce) return null
    return `it is at revision ${this.#stored}, and revision ${this.#inForce} was in force`
  }

  /** A revision by which edges were told their rates. */
  noteInForce(revision: number): void {
    this.#inForce = Math.max(this.#inForce, revision)
  }

  /** Any revision, as `store.get` reads it; one that was made here a short while ago waits for no store. */
  async revisionOf(revision: number, how: Parameters<RevisionStore['get']>[1] = {}): Promise<Revision | null> {
    return this.#made.peek(String(revision)) ?? (await this.store.get(revision, how))
  }

  get #holds(): Holding {
    return { revision: this.#revision, register: this.#register, orders: this.#switches }
  }

  get document(): PolicyDocument {
    return this.#revision.document
  }

  onChange(changed: () => void): void {
    this.#changed = changed
  }

  /** What nobody's request did has no other way into the audit. */
  onOwnDeed(tell: (deed: OwnDeed) => void): void {
    this.#tell = tell
  }

  told(deed: OwnDeed): void {
    this.#tell(deed)
  }

  /** Looks whether another process has changed something, and whether the store still has what is known. */
  async refresh(): Promise<void> {
    const before = this.lostEdits
    try {
      await this.#writing
      // What is written while the store is read is not looked for.
      const known = this.#holds
      const found = await lookAt(this.store, this.#registerStore, known.revision)
      this.#loss = lossOf(known, found, this.#clock.wall())
      if (this.#revision === known.revision) this.#stored = found.head?.revision ?? 0
      if (this.#loss === null) await this.#adopt(found, isSettled(known, found))
      if (this.#away) this.#log.info('the durable store is back: edits are possible again')
      this.#away = false
      const lost = this.lostEdits
      if (lost !== null && lost !== before)
        this.#log.error({ lost }, 'the durable store has lost something: what is known holds, and no edit is taken')
    } catch (error) {
      if (!this.#away) this.#log.warn({ reason: messageOf(error) }, 'the durable store is away: no edits; rates go on')
      this.#away = true
    }
  }

  /** What was read may be older than what was edited meanwhile. */
  async #adopt({ head, register, orders }: Found, isDecided: boolean): Promise<void> {
    if (isDecided) this.store.forgetAnchor()
    if (head && head.revision !== this.#revision.revision) {
      const revision = await this.store.get(head.revision)
      if (revision) this.#take(revision)
    }
    const before = this.#register
    const isSaid = this.#takeRegister(register) && saidIn(register) !== saidIn(before)
    const switches = isDecided ? orders : newestOf(this.#switches, orders)
    const isSwitched = JSON.stringify([...switches].sort()) !== JSON.stringify([...this.#switches].sort())
    // What is the same stays the same object: by that others see it.
    if (isSwitched) this.#switches = switches
    this.#keep()
    if (isSwitched || isSaid) this.#changed()
  }

  #keep(): void {
    if (this.#loss === null) this.#known?.keep(this.#holds)
  }

  /**
   * A person decides about a store that has lost something: `keep` writes what is known into it, `take` leaves what it
   * holds. Either becomes a revision with a number that nobody knows yet.
   * @throws MizaniError NOT_FOUND where nothing is lost; PLANE_INVALID, and as RegisterStore.settle.
   */
  async settle(decision: Settled['decision'], deed: Pick<PutOptions, 'author' | 'reason'>): Promise<PolicyHead> {
    const lost = this.lostEdits
    if (lost === null) throw nothingLost()
    const holds = this.#holds
    const found = await lookAt(this.store, this.#registerStore, holds.revision)
    const stored = found.head && (await this.store.get(found.head.revision))
    const document = decision === 'keep' ? holds.revision.document : (stored?.document ?? seedOf(this.#seed))
    const least = Math.max(found.head?.revision ?? 0, this.#inForce, holds.revision.revision)
    const at = this.#clock.wall()
    await this.#registerStore.settle(settlementOf({ decision, holds, found, document, least, at, ...deed }))
    await this.refresh()
    this.#log.warn({ decision, lost, ...deed }, 'it was decided what holds of what the store had lost')
    return this.current()
  }

  current(): PolicyHead {
    const { document, revision, hash, meta } = this.#revision
    return { document, revision, hash, etag: etagOf(hash), meta }
  }

  /** Makes a policy that has passed every check the next revision. @throws as RevisionStore.put. */
  async commit(document: PolicyDocument, options: Omit<PutOptions, 'at'>): Promise<Revision> {
    this.#assertWritable()
    const put = this.store.put(document, { ...options, at: this.#clock.wall() })
    this.#writing = put.catch(() => undefined) // told to whoever commits, just below
    const revision = await put
    this.#made.set(String(revision.revision), revision)
    this.#take(revision)
    // It was entered in the register in the same step.
    if (revision.meta.breakGlass) await this.refresh()
    return revision
  }

  /** Edits the register and takes what is there then. @throws as RegisterStore.edit. */
  async edit(judge: (now: Register) => Edit): Promise<Register> {
    this.#assertWritable()
    const known = this.#holds
    const edited = await this.#registerStore.edit((now) => {
      this.#loss = lostFrom(known.register, now, this.#clock.wall())
      this.#assertWritable()
      return judge(now)
    })
    this.#takeRegister(edited)
    this.#keep()
    this.#changed()
    return this.#register
  }

  /** What waits for confirmation; null: nothing does. */
  get pending(): Pending | null {
    const { revision, meta } = this.#revision
    if (meta.confirmBy === null || meta.parent === null || this.#register.confirmed === revision) return null
    return { revision, confirmBy: meta.confirmBy, parent: meta.parent }
  }

  /** The present revision stays. */
  async confirm(revision: number): Promise<void> {
    await this.edit(() => ({ [fieldOf.confirmed]: revision }))
  }

  /** Brings back the revision before the one that waits. */
  revert(pending: Pending, reason: string): Promise<void> {
    const done = this.#revert(pending, reason)
    this.#undoing = done.catch(() => {}) // said by whoever asked
    return done
  }

  /** Until a revert that was begun is told of as well, or for as long as it may take: the trail ends after that. */
  async settled(within: Milliseconds): Promise<void> {
    const late = new AbortController()
    await Promise.race([this.#undoing, this.#clock.sleep(within, late.signal)])
    late.abort()
  }

  async #revert({ revision, parent }: Pending, reason: string): Promise<void> {
    const before = await this.store.get(parent)
    if (before === null) throw new Error(`revision ${parent} is not in the store`)
    const { revision: made } = await this.commit(before.document, {
      ...{
        expected: revision,
        author: 'mizani',
        reason,
        reference: null,
        kind: 'revert',
        request: `revert-${revision}`,
      },
    })
    this.#log.warn({ revision, back: parent, reason }, 'the policy was reverted')
    const back = { revision: made, hash: before.hash }
    this.told({
      action: 'revert',
      subject: String(revision),
      reason,
      reference: null,
      before: { revision },
      after: back,
    })
  }

  /** Every tick comes by here; a store that is away is asked again by the next one. */
  #revertWhenDue(): void {
    const { pending } = this
    if (pending === null || this.#reverting || this.#clock.wall() < pending.confirmBy) return
    this.#reverting = true
    void this.revert(pending, `revision ${pending.revision} was not confirmed in time`)
      .catch((error: unknown) => {
        this.#log.warn(
          { revision: pending.revision, reason: messageOf(error) },
          'the revision could not be reverted yet',
        )
        return this.refresh()
      })
      .finally(() => {
        this.#reverting = false
      })
  }
  #reverting = false
  #undoing: Promise<void> = Promise.resolve()

  async set(edge: string, { enforcement, until, reason, author }: EnforcementChange): Promise<void> {
    this.#assertWritable()
    const there = (await this.store.enforcement()).get(edge)
    const last = Math.max(there?.at ?? 0, this.#switches.get(edge)?.at ?? 0)
    // By its time whoever reads it knows that it is newer, whoever gave the one before.
    const change = { enforcement, until, reason, author, at: Math.max(this.#clock.wall(), last + 1) }
    await this.store.setEnforcement(edge, change)
    this.#switches = new Map(this.#switches).set(edge, change)
    this.#keep()
    this.#changed()
  }

  /** On what was lost nobody can build: the next revision would have the number of one that edges know. */
  #assertWritable(): void {
    if (this.lostEdits !== null) throw hasLost(this.lostEdits)
  }

  #takeRegister(register: Register): boolean {
    if (register.version <= this.#register.version) return false
    this.#register = register
    return true
  }

  #take(revision: Revision): void {
    if (revision.revision <= this.#revision.revision) return
    this.#revision = revision
    this.#stored = Math.max(this.#stored, revision.revision)
    this.noteInForce(revision.revision)
    this.#changed()
    this.#keep()
  }
}

/** A version of the register that is there for a revision alone says nothing that was not told with that. */
const saidIn = ({ version: _, revision: __, fields: ___, ...said }: Register): string => JSON.stringify(said)

export const etagOf = (hash: string): string => `"${hash}"`
