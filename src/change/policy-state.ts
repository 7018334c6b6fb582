// What holds now, read from the durable store and kept in memory: the revision in force, what engineers switched at
// edges, and the register of what people and monitoring have put in force for a while. What is written goes through
// here, and holds here once it is on disk (others hear of a revision as it is written); whether it may be written is
// asked before (policy-changes, interventions).
//
// The store is the truth. The plane's folder seeds an empty store and is an editor's copy from then on. A store that is
// away stops edits and nothing else: the last known situation holds. So does one that would lose edits, or has lost
// some already: it is served, and says why it takes no more.
//
// A revision may wait for confirmation. Its deadline is part of the revision, so that no restart and no takeover can
// forget it: whoever serves the plane when it passes brings back the revision before.

import type { OwnDeed } from '../model/happening.js'
import type { EnforcementChange, PolicyHead } from '../model/revision.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { hashOf } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { LoadedPlane } from '../policy/files/files.js'
import { type Edit, fieldOf, type Register, type RegisterStore } from '../policy/in-force/register.js'
import type { EnforcementSwitch, PutOptions, Revision, RevisionStore } from '../policy/revisions/revisions.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import { LruMap } from '../runtime/lru-map.js'
import type { Situation } from '../tick/planner.js'

export interface PolicyStateOptions {
  readonly store: RevisionStore
  readonly registerStore: RegisterStore
  /** Where the plane's folder is, and what was found there: for a store that is still empty. */
  readonly folder: string
  readonly seed: LoadedPlane
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
  readonly #clock: Clock
  readonly #log: Logger
  #revision: Revision
  #register: Register
  #switches: ReadonlyMap<string, EnforcementSwitch>
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

  private constructor(
    { store, registerStore, clock, log }: PolicyStateOptions,
    revision: Revision,
    register: Register,
    switches: ReadonlyMap<string, EnforcementSwitch>,
  ) {
    this.store = store
    this.#registerStore = registerStore
    this.#clock = clock
    this.#log = log
    this.#revision = revision
    this.#register = register
    this.#switches = switches
    this.#stored = revision.revision
    this.#inForce = revision.revision
  }

  /**
   * Reads the revision in force, or makes the plane's folder the first one.
   * @throws MizaniError PLANE_INVALID with every fault when the store is empty and the folder cannot be used.
   */
  static async open(options: PolicyStateOptions): Promise<PolicyState> {
    const { store, registerStore, folder, seed, log } = options
    const { document, faults } = seed
    let revision = await store.current()
    const isFirst = revision === null
    if (revision === null) {
      revision = await firstRevision(options)
      log.info({ revision: revision.revision, hash: revision.hash }, 'the store was empty: the folder is revision 1')
    } else if (document === null) {
      log.warn({ folder, faults: faults.length }, 'the folder has faults; the revision in the store holds')
    } else if (hashOf(document) !== revision.hash) {
      const apply = `mizani policy apply ${folder}`
      log.warn({ folder, revision: revision.revision, apply }, 'the folder differs from the store; the store holds')
    }
    const state = new PolicyState(options, revision, await registerStore.read(), await store.enforcement())
    if (isFirst) state.#made.set(String(revision.revision), revision)
    return state
  }

  situation(): Situation {
    this.#revertWhenDue()
    return { revision: this.#revision, inForce: this.#register, switches: this.#switches }
  }

  /** What was ordered of each edge, over or not. */
  get switches(): ReadonlyMap<string, EnforcementSwitch> {
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

  /** Looks whether another process has changed something. Cheap: one head, one small hash. */
  async refresh(): Promise<void> {
    const before = this.lostEdits
    try {
      await this.#writing
      const head = await this.store.head()
      this.#stored = head?.revision ?? 0
      if (head && head.revision !== this.#revision.revision) {
        const revision = await this.store.get(head.revision)
        if (revision) this.#take(revision)
      }
      const known = this.#register
      const isNewer = (await this.#registerStore.version()) > known.version
      if (isNewer) this.#takeRegister(await this.#registerStore.read())
      const switches = await this.store.enforcement()
      const isSwitched = JSON.stringify([...switches].sort()) !== JSON.stringify([...this.#switches].sort())
      // What is the same stays the same object: by that others see it.
      if (isSwitched) this.#switches = switches
      if (isSwitched || (isNewer && saidIn(this.#register) !== saidIn(known))) this.#changed()
      if (this.#away) this.#log.info('the durable store is back: edits are possible again')
      this.#away = false
      const lost = this.lostEdits
      if (lost !== null && lost !== before) this.#log.error({ lost }, 'the durable store has lost edits: none is taken')
    } catch (error) {
      if (!this.#away) this.#log.warn({ reason: messageOf(error) }, 'the durable store is away: no edits; rates go on')
      this.#away = true
    }
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
    this.#takeRegister(await this.#registerStore.edit(judge))
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
    const change = { enforcement, until, reason, author, at: this.#clock.wall() }
    await this.store.setEnforcement(edge, change)
    this.#switches = new Map(this.#switches).set(edge, change)
    this.#changed()
  }

  /** On what was lost nobody can build: the next revision would have the number of one that edges know. */
  #assertWritable(): void {
    if (this.lostEdits === null) return
    throw new MizaniError({
      code: 'READ_ONLY',
      message: `The durable store has lost edits: ${this.lostEdits}.`,
      advice:
        'Restore the newest backup. Or go on with what is left: restart every controller, and once more when edges ' +
        'have been told what is left.',
    })
  }

  /** What was read may be older than what was edited meanwhile. */
  #takeRegister(register: Register): void {
    if (register.version > this.#register.version) this.#register = register
  }

  #take(revision: Revision): void {
    if (revision.revision <= this.#revision.revision) return
    this.#revision = revision
    this.#stored = Math.max(this.#stored, revision.revision)
    this.noteInForce(revision.revision)
    this.#changed()
  }
}

/** Makes the folder the first revision; where another controller was faster, its first revision holds. */
async function firstRevision({
  store,
  folder,
  seed: { document, faults },
  clock,
}: PolicyStateOptions): Promise<Revision> {
  if (document === null)
    throw new MizaniError({ code: 'PLANE_INVALID', message: `The plane in ${folder} cannot be used:`, faults })
  const meta = { author: 'seed', reason: `first revision, from ${folder}`, reference: null, at: clock.wall() }
  try {
    return await store.put(document, { ...meta, expected: 0, repeatable: true })
  } catch (error) {
    const other = await store.current()
    if (other === null) throw error
    return other
  }
}

/** A version of the register that is there for a revision alone says nothing that was not told with that. */
const saidIn = ({ version: _, revision: __, ...said }: Register): string => JSON.stringify(said)

export const etagOf = (hash: string): string => `"${hash}"`
