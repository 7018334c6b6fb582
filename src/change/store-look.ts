// What the durable store holds, looked at whole: also where part of it is gone or is something else than it was.

import { hashOf } from '../policy/document/canonical.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { LoadedPlane } from '../policy/files/files.js'
import type { Found, KnownPolicy, Orders } from '../policy/in-force/known.js'
import { EMPTY_REGISTER, type Register, type RegisterStore } from '../policy/in-force/register.js'
import type { Revision, RevisionStore } from '../policy/revisions/revisions.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Logger } from '../runtime/log.js'

/**
 * The register first: a decision about what was lost is in it, and whoever has read that reads what belongs to it.
 * @throws MizaniError where the store does not answer.
 */
export async function lookAt(
  store: RevisionStore,
  registerStore: RegisterStore,
  { revision }: Pick<Revision, 'revision'>,
): Promise<Found> {
  const register = await unlessDamaged(registerStore.read(), EMPTY_REGISTER)
  const head = await unlessDamaged(store.head(), null)
  const orders = await unlessDamaged(store.enforcement(), new Map())
  if (head === null || head.revision < revision) return { register, head, orders, hashOfKnown: null }
  if (head.revision === revision) return { register, head, orders, hashOfKnown: head.hash }
  const [meta] = await store.list(revision, 1)
  return { register, head, orders, hashOfKnown: meta?.hash ?? null }
}

/** What a store answers that has something else under a name is as good as nothing; one that is away is no answer. */
async function unlessDamaged<T>(reading: Promise<T>, nothing: T): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof MizaniError && error.code === 'STORE_REPLY') return nothing
    throw error
  }
}

interface Seeding {
  readonly folder: string
  readonly seed: LoadedPlane
}

/** All that holds. */
export interface Holding {
  readonly revision: Revision
  readonly register: Register
  readonly orders: Orders
}

interface Opening extends Seeding {
  readonly store: RevisionStore
  readonly registerStore: RegisterStore
  readonly known?: Pick<KnownPolicy, 'read'>
  readonly clock: Clock
  readonly log: Logger
}

/**
 * What holds as a controller starts: what it knew, or what the store holds, or the plane's folder where that is empty.
 * @throws MizaniError PLANE_INVALID with every fault when the store is empty and the folder cannot be used.
 */
export async function firstHolding(opening: Opening): Promise<Holding & { readonly isFirst: boolean }> {
  const { store, registerStore, known, folder, seed, log } = opening
  const kept = known?.read() ?? null
  const revived = kept && (await store.revive(kept.record, kept.indexes))
  if (kept !== null && revived === null)
    log.error('what is kept beside the store cannot be read: the store is believed')
  const stored = revived ?? (await store.current())
  const revision = stored ?? (await firstRevision(opening))
  if (stored === null) {
    log.info({ revision: revision.revision, hash: revision.hash }, 'the store was empty: the folder is revision 1')
  } else if (seed.document === null) {
    log.warn({ folder, faults: seed.faults.length }, 'the folder has faults; the revision in force holds')
  } else if (hashOf(seed.document) !== revision.hash) {
    const apply = `mizani policy apply ${folder}`
    log.warn(
      { folder, revision: revision.revision, apply },
      'the folder differs from the revision in force, which holds',
    )
  }
  if (kept !== null && revived !== null) return { ...kept, revision, isFirst: false }
  const [register, orders] = [await registerStore.read(), await store.enforcement()]
  return { revision, register, orders, isFirst: stored === null }
}

/** Where another controller was faster, its first revision holds. */
async function firstRevision({ store, folder, seed, clock }: Opening): Promise<Revision> {
  const meta = { author: 'seed', reason: `first revision, from ${folder}`, reference: null, at: clock.wall() }
  const document = seedOf({ folder, seed })
  try {
    return await store.put(document, { ...meta, expected: 0, repeatable: true })
  } catch (error) {
    const other = await store.current()
    if (other === null) throw error
    return other
  }
}

/** @throws MizaniError PLANE_INVALID with every fault. */
export function seedOf({ folder, seed: { document, faults } }: Seeding): PolicyDocument {
  if (document !== null) return document
  throw new MizaniError({ code: 'PLANE_INVALID', message: `The plane in ${folder} cannot be used:`, faults })
}

export const hasLost = (lost: string): MizaniError =>
  new MizaniError({
    code: 'READ_ONLY',
    message: `The durable store has lost something: ${lost}.`,
    advice:
      'Restore the newest backup. Or decide: `mizani policy store keep` writes what is known here into it, ' +
      '`mizani policy store take` leaves what it holds.',
  })

export const nothingLost = (): MizaniError =>
  new MizaniError({ code: 'NOT_FOUND', message: 'The policy store has lost nothing: there is nothing to decide.' })
