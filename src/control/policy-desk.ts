// What holds now, read from the durable store and kept in memory: the revision in force, what engineers switched at
// edges, and the conditions of the network. Edits come in through here and are published after they are on disk.
//
// The store is the truth. The plane's folder seeds an empty store and is an editor's copy from then on. A store that is
// away stops edits and nothing else: the last known situation holds.

import type { EnforcementChange, PolicyChange, PolicyHead, PolicyOutcome } from '../model/revision.js'
import { hashOf } from '../policy/canonical.js'
import { compile, provisionalIndexes } from '../policy/compile.js'
import type { PolicyDocument } from '../policy/document.js'
import type { LoadedPlane } from '../policy/files.js'
import { NOTHING_IN_FORCE } from '../policy/holding.js'
import type { EnforcementSwitch, Revision, RevisionStore } from '../policy/revisions.js'
import { validatePolicy } from '../policy/validate.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'
import type { Situation } from './planner.js'

export interface PolicyDeskOptions {
  readonly store: RevisionStore
  /** Where the plane's folder is, and what was found there: for a store that is still empty. */
  readonly folder: string
  readonly seed: LoadedPlane
  readonly clock: Clock
  readonly log: Logger
}

export class PolicyDesk {
  readonly #store: RevisionStore
  readonly #clock: Clock
  readonly #log: Logger
  #revision: Revision
  #switches: ReadonlyMap<string, EnforcementSwitch>
  #changed: () => void = () => {}
  #away = false

  private constructor(
    { store, clock, log }: PolicyDeskOptions,
    revision: Revision,
    switches: ReadonlyMap<string, EnforcementSwitch>,
  ) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#revision = revision
    this.#switches = switches
  }

  /**
   * Reads the revision in force, or makes the plane's folder the first one.
   * @throws MizaniError PLANE_INVALID with every fault when the store is empty and the folder cannot be used.
   */
  static async open(options: PolicyDeskOptions): Promise<PolicyDesk> {
    const { store, folder, seed, log } = options
    const { document, faults } = seed
    let revision = await store.current()
    if (revision === null) {
      revision = await sow(options)
      log.info({ revision: revision.revision, hash: revision.hash }, 'the store was empty: the folder is revision 1')
    } else if (document === null) {
      log.warn({ folder, faults: faults.length }, 'the folder has faults; the revision in the store holds')
    } else if (hashOf(document) !== revision.hash) {
      const apply = `mizani policy apply ${folder}`
      log.warn({ folder, revision: revision.revision, apply }, 'the folder differs from the store; the store holds')
    }
    return new PolicyDesk(options, revision, await store.enforcement())
  }

  situation(): Situation {
    return { revision: this.#revision, inForce: NOTHING_IN_FORCE, switches: this.#switches }
  }

  get document(): PolicyDocument {
    return this.#revision.document
  }

  onChange(changed: () => void): void {
    this.#changed = changed
  }

  /** Looks whether another process has changed something. Cheap: one head, one small hash. */
  async refresh(): Promise<void> {
    try {
      const head = await this.#store.head()
      if (head && head.revision !== this.#revision.revision) {
        const revision = await this.#store.get(head.revision)
        if (revision) this.#take(revision)
      }
      const switches = await this.#store.enforcement()
      const changed = JSON.stringify([...switches].sort()) !== JSON.stringify([...this.#switches].sort())
      this.#switches = switches
      if (changed) this.#changed()
      if (this.#away) this.#log.info('the durable store is back: edits are possible again')
      this.#away = false
    } catch (error) {
      if (!this.#away) this.#log.warn({ reason: messageOf(error) }, 'the durable store is away: no edits; rates go on')
      this.#away = true
    }
  }

  current(): PolicyHead {
    const { document, revision, hash, meta } = this.#revision
    return { document, revision, hash, etag: etagOf(hash), meta }
  }

  async put(input: unknown, change: PolicyChange): Promise<PolicyOutcome> {
    const { document, faults } = validatePolicy(input)
    if (document === null)
      throw new MizaniError({ code: 'POLICY_INVALID', message: 'The policy cannot be used:', faults })
    const base = this.#revision
    if (change.expected !== base.revision) throw stale(change.expected, base)
    if (document.plane.id !== base.document.plane.id) throw otherPlane(document.plane.id, base.document.plane.id)
    const hash = hashOf(document)
    // Nothing changed: the revision in force is already what is asked for.
    const next = hash === base.hash ? base.revision : base.revision + 1
    const context = { revision: next, hash, indexes: provisionalIndexes(document) }
    const { warnings } = compile(document, context).plan
    const outcome = { revision: next, hash, base: base.revision, etag: etagOf(hash), warnings }
    if (change.dryRun || next === base.revision) return outcome
    const { expected, author, reason, reference } = change
    this.#take(await this.#store.put(document, { expected, author, reason, reference, at: this.#clock.wall() }))
    return outcome
  }

  async set(edge: string, { enforcement, until, reason, author }: EnforcementChange): Promise<void> {
    const change = { enforcement, until, reason, author, at: this.#clock.wall() }
    await this.#store.setEnforcement(edge, change)
    this.#switches = new Map(this.#switches).set(edge, change)
    this.#changed()
  }

  #take(revision: Revision): void {
    if (revision.revision <= this.#revision.revision) return
    this.#revision = revision
    this.#changed()
  }
}

/** Makes the folder the first revision; where another controller was faster, its first revision holds. */
async function sow({ store, folder, seed: { document, faults }, clock }: PolicyDeskOptions): Promise<Revision> {
  if (document === null)
    throw new MizaniError({ code: 'PLANE_INVALID', message: `The plane in ${folder} cannot be used:`, faults })
  const meta = { author: 'seed', reason: `first revision, from ${folder}`, reference: null, at: clock.wall() }
  try {
    return await store.put(document, { ...meta, expected: 0 })
  } catch (error) {
    const other = await store.current()
    if (other === null) throw error
    return other
  }
}

const etagOf = (hash: string): string => `"${hash}"`

function stale(expected: number, { revision, hash }: Revision): MizaniError {
  return new MizaniError({
    code: 'PRECONDITION_FAILED',
    remedy: 'drop',
    message: `Revision ${revision} (${hash}) is in force, not ${expected}: somebody else was faster.`,
    advice: 'Read the policy again and repeat the change on it.',
  })
}

function otherPlane(found: string, expected: string): MizaniError {
  const message = `This is the policy of plane ${found}; this controller serves ${expected}.`
  return new MizaniError({
    code: 'POLICY_INVALID',
    message,
    faults: [{ code: 'OTHER_PLANE', pointer: '/plane/id', message: `expected ${expected}, found ${found}` }],
  })
}
