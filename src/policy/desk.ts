// The desk at which the policy is changed: it holds the revision in force and what is switched at edges, checks what is
// handed in, keeps it in the store, and only then tells the controller. Whoever reads never waits for the store; a store
// that is away stops edits, never rates.

import type { Enforcement } from '../model/network.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { Clock } from '../runtime/clock.js'
import { invalid, MizaniError } from '../runtime/errors.js'
import { hashOf } from './canonical.js'
import { compile, provisionalIndexes } from './compile.js'
import type { PolicyDocument } from './document.js'
import type { EnforcementSwitch, Revision, RevisionMeta, RevisionStore } from './revisions.js'
import { validatePolicy } from './validate.js'

export interface PolicyDeskOptions {
  readonly store: RevisionStore
  readonly clock: Clock
  /** Another revision is in force, or an edge was switched. */
  readonly onChange?: () => void
}

/** What `open` found. */
export interface Opening {
  readonly revision: Revision
  /** The store was empty and the folder became its first revision. */
  readonly seeded: boolean
  /** The folder says something else than the store, which wins. */
  readonly differs: boolean
}

export interface HeadView {
  readonly document: PolicyDocument
  readonly revision: number
  readonly etag: string
  readonly hash: string
  readonly meta: RevisionMeta
}

interface Change {
  readonly expected: number
  readonly author: string
  readonly reason: string
  readonly reference: string | null
  readonly dryRun: boolean
}

export class PolicyDesk {
  readonly #store: RevisionStore
  readonly #clock: Clock
  readonly #onChange: () => void
  #revision: Revision | null = null
  #switches: ReadonlyMap<string, EnforcementSwitch> = new Map()

  constructor({ store, clock, onChange = () => {} }: PolicyDeskOptions) {
    this.#store = store
    this.#clock = clock
    this.#onChange = onChange
  }

  /**
   * Takes the revision in force from the store; an empty store gets `seed` as its first.
   * @throws MizaniError NO_POLICY when there is neither, and whatever the store throws.
   */
  async open(seed: PolicyDocument | null): Promise<Opening> {
    let revision = await this.#store.current()
    const seeded = revision === null
    if (revision === null) {
      if (seed === null) {
        throw new MizaniError({
          code: 'NO_POLICY',
          message: 'The durable store holds no policy yet, and no plane folder was given.',
          advice: 'Start once with --plane DIR; `mizani init DIR` writes one to begin with.',
        })
      }
      revision = await this.#seed(seed)
    }
    this.#revision = revision
    this.#switches = await this.#store.enforcement()
    return { revision, seeded, differs: seed !== null && hashOf(seed) !== revision.hash }
  }

  /** @throws Error before `open`. */
  get inForce(): Revision {
    if (this.#revision === null) throw new Error('the policy desk is not open yet')
    return this.#revision
  }

  get switches(): ReadonlyMap<string, EnforcementSwitch> {
    return this.#switches
  }

  current(): HeadView | null {
    if (this.#revision === null) return null
    const { document, revision, hash, meta } = this.#revision
    return { document, revision, hash, meta, etag: etagOf(revision, hash) }
  }

  /**
   * Checks a document and makes it the next revision. A document that says what is in force already changes nothing.
   * @throws MizaniError POLICY_INVALID with every fault, and those of RevisionStore.put.
   */
  async put(
    input: unknown,
    { dryRun, expected, ...meta }: Change,
  ): Promise<{ revision: number; hash: string; base: number; etag: string; warnings: readonly string[] }> {
    const { document, faults } = validatePolicy(input)
    if (document === null) throw invalid('POLICY_INVALID', 'The policy is not valid', faults)
    const { plane } = this.inForce.document
    if (document.plane.id !== plane.id) {
      const message = `expected "${plane.id}": a plane keeps its name`
      throw invalid('POLICY_INVALID', 'The policy is not valid', [{ code: 'INVALID', pointer: '/plane/id', message }])
    }
    const warnings = warningsOf(document)
    const hash = hashOf(document)
    const same = hash === this.inForce.hash && expected === this.inForce.revision
    if (!dryRun && !same) {
      this.#revision = await this.#store.put(document, { ...meta, expected, at: this.#clock.wall() })
      this.#onChange()
    }
    const revision = same ? expected : expected + 1
    return { revision, hash, base: expected, etag: etagOf(revision, hash), warnings }
  }

  /** Switches what an edge does, durably, until it is switched again or its end comes. */
  async set(
    edge: string,
    change: { enforcement: Enforcement; until: UnixMilliseconds | null; reason: string; author: string },
  ): Promise<void> {
    const entry = { ...change, at: this.#clock.wall() }
    await this.#store.setEnforcement(edge, entry)
    this.#switches = new Map(this.#switches).set(edge, entry)
    this.#onChange()
  }

  /** Looks whether someone else wrote a revision; true when another one is in force now. */
  async refresh(): Promise<boolean> {
    const head = await this.#store.head()
    if (head === null || (head.revision === this.#revision?.revision && head.hash === this.#revision.hash)) return false
    const revision = await this.#store.get(head.revision)
    if (revision === null) return false
    this.#revision = revision
    this.#switches = await this.#store.enforcement()
    this.#onChange()
    return true
  }

  /** Two controllers may start on one empty store at once; the slower takes what the faster wrote. */
  async #seed(seed: PolicyDocument): Promise<Revision> {
    const meta = { author: 'seed', reason: 'First revision, from the plane folder', reference: null }
    try {
      return await this.#store.put(seed, { ...meta, expected: 0, at: this.#clock.wall() })
    } catch (error) {
      const present = error instanceof MizaniError && error.code === 'PRECONDITION_FAILED'
      const revision = present ? await this.#store.current() : null
      if (revision === null) throw error
      return revision
    }
  }
}

/** Warnings of the admission check. */
export function warningsOf(document: PolicyDocument): readonly string[] {
  return compile(document, { revision: 0, hash: '', indexes: provisionalIndexes(document) }).plan.warnings
}

function etagOf(revision: number, hash: string): string {
  return `"${revision}.${hash.slice(-16)}"`
}
