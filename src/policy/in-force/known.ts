// What this controller knows to be in force, kept outside of the store: two files in its data folder, one for the
// revision and one for what changes more often, the register and the orders to edges. A store that comes back empty,
// older, damaged or as another plane's knows less than was known here. That is no end of anything: what is known holds
// until a person decides (policy-state.ts).
//
// The register counts its versions, revisions have numbers and hashes, an order is newer than the one before it and is
// never taken out. So each loss shows, whoever wrote what meanwhile.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Milliseconds, UnixMilliseconds } from '../../model/units.js'
import { messageOf } from '../../runtime/errors.js'
import { jsonOrNull } from '../../runtime/json.js'
import type { Logger } from '../../runtime/log.js'
import { writeWhole } from '../../runtime/whole-file.js'
import * as z from '../../runtime/zod.js'
import { type EnforcementSwitch, type Revision, switchSchema } from '../revisions/revisions.js'
import { parseRegister, REMEMBERED, type Register } from './register.js'

export type Orders = ReadonlyMap<string, EnforcementSwitch>

/** What holds, as the store said or as it is known here. */
export interface Holds {
  readonly revision: Pick<Revision, 'revision' | 'hash'>
  readonly register: Register
  readonly orders: Orders
}

/** What was found in a store. */
export interface Found extends Omit<Holds, 'revision'> {
  /** Null: it has no policy. */
  readonly head: Holds['revision'] | null
  /** Hash of the revision that is known here, as the store has it; null: it has none of that number. */
  readonly hashOfKnown: string | null
}

/** Clocks of controllers differ by less. */
const CLOCKS_APART: Milliseconds = 86_400_000
const NAMED = 3

/** What the store has lost of what is known; null: nothing. A person's decision about the known revision is no loss. */
export function lossOf(known: Holds, found: Found, now: UnixMilliseconds): string | null {
  if (isSettled(known, found)) return null
  const register = lostFrom(known.register, found.register, now)
  const lost = [ofRevision(known, found), register, ofOrders(known, found)].filter((one) => one !== null)
  return lost.length === 0 ? null : lost.join('; ')
}

/** A decision is a newer revision: without that the store has lost something once more. */
export const isSettled = (
  { revision: { revision, hash } }: Pick<Holds, 'revision'>,
  { register: { settled }, head }: Pick<Found, 'register' | 'head'>,
): boolean => settled?.of.revision === revision && settled.of.hash === hash && head !== null && head.revision > revision

function ofRevision({ revision: { revision, hash } }: Holds, { head, hashOfKnown }: Found): string | null {
  const found = head?.revision ?? 0
  if (found < revision) return `it is at revision ${found}, and revision ${revision} was in force`
  return hashOfKnown === hash ? null : `its revision ${revision} is another than the one that was in force`
}

/** What a register has lost of what is known of it; null: nothing. */
export function lostFrom(known: Register, found: Register, now: UnixMilliseconds): string | null {
  if (found.version < known.version)
    return `its register is at version ${found.version}, and ${known.version} was in force`
  if (found.version === known.version)
    return textOf(found) === textOf(known) ? null : `version ${found.version} of its register says something else`
  const there = new Set(lasting(found))
  const old = now - REMEMBERED + CLOCKS_APART
  const names = lasting({ ...known, overrides: known.overrides.filter(({ until }) => until >= old) })
  return missing(
    'its register lacks',
    names.filter((name) => !there.has(name)),
  )
}

/** What is never taken out of the register, but for overrides that ended long ago. */
const lasting = ({ overrides, modes, links }: Pick<Register, 'overrides' | 'modes' | 'links'>): string[] => [
  ...overrides.map(({ id }) => id),
  ...modes.map(({ mode }) => mode),
  ...links.map(({ link, edge }) => (edge === undefined ? link : `${link} (${edge})`)),
]

function ofOrders({ orders: known }: Holds, { orders: found }: Found): string | null {
  const isLost = ([edge, order]: readonly [string, EnforcementSwitch]): boolean => {
    const there = found.get(edge)
    return there === undefined || (there.at <= order.at && !isSameOrder(there, order))
  }
  return missing(
    'it lacks the order to',
    [...known].filter(isLost).map(([edge]) => edge),
  )
}

function missing(what: string, names: readonly string[]): string | null {
  if (names.length === 0) return null
  const more = names.length - NAMED
  return `${what} ${names.slice(0, NAMED).join(', ')}${more > 0 ? ` +${more}` : ''}`
}

const isSameOrder = (a: EnforcementSwitch, b: EnforcementSwitch): boolean =>
  a.enforcement === b.enforcement && a.until === b.until && a.at === b.at

const textOf = ({ fields }: Register): string =>
  JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Orders as a store has them, each with what is known to be newer: that was given as they were read. */
export const newestOf = (known: Orders, found: Orders): Orders =>
  new Map(
    [...found].map(([edge, order]) => {
      const present = known.get(edge)
      return [edge, present !== undefined && present.at > order.at ? present : order]
    }),
  )

const policyFile = z.object({
  plane: z.string(),
  indexes: z.record(z.string(), z.number()),
  /** As a whole record (policy/revisions/revision-record.ts). */
  record: z.looseObject({ revision: z.number() }),
})
const inForceFile = z.object({
  plane: z.string(),
  register: z.record(z.string(), z.string()),
  orders: z.record(z.string(), switchSchema),
})

/** What was kept, the revision as its record. */
export interface Kept extends Omit<Holds, 'revision'> {
  readonly record: Buffer
  readonly indexes: ReadonlyMap<string, number>
}

export class KnownPolicy {
  readonly #policy: string
  readonly #inForce: string
  readonly #plane: string
  /** Written last. */
  #revision: Revision | null = null
  #register: Register | null = null
  #orders: Orders | null = null
  /** Why the last write failed; empty: it did not. */
  #unkept = ''
  readonly #log: Logger

  /** @param folder the data folder of this controller */
  constructor(folder: string, plane: string, log: Logger) {
    this.#policy = join(folder, 'known-policy.json')
    this.#inForce = join(folder, 'known-in-force.json')
    this.#plane = plane
    this.#log = log
  }

  /** Null: nothing of this plane was kept. */
  read(): Kept | null {
    const policy = policyFile.safeParse(jsonOrNull(textIn(this.#policy))).data
    const inForce = inForceFile.safeParse(jsonOrNull(textIn(this.#inForce))).data
    if (policy?.plane !== this.#plane || inForce?.plane !== this.#plane) return null
    return {
      record: Buffer.from(JSON.stringify(policy.record)),
      indexes: new Map(Object.entries(policy.indexes)),
      register: parseRegister(inForce.register),
      orders: new Map(Object.entries(inForce.orders)),
    }
  }

  /** What has changed since it was written last. A disk that takes nothing stops no change: the store has it. */
  keep(holds: Holds & { readonly revision: Revision }): void {
    try {
      this.#write(holds)
      this.#unkept = ''
    } catch (error) {
      const reason = messageOf(error)
      if (reason !== this.#unkept) this.#log.error({ reason }, 'what is in force could not be kept beside the store')
      this.#unkept = reason
    }
  }

  #write({ revision, register, orders }: Holds & { readonly revision: Revision }): void {
    const plane = this.#plane
    if (revision !== this.#revision) {
      const { document, hash, indexes, meta } = revision
      const record = { revision: revision.revision, hash, ...meta, document }
      writeWhole(this.#policy, JSON.stringify({ plane, indexes: Object.fromEntries(indexes), record }))
      this.#revision = revision
    }
    if (register === this.#register && orders === this.#orders) return
    writeWhole(this.#inForce, JSON.stringify({ plane, register: register.fields, orders: Object.fromEntries(orders) }))
    this.#register = register
    this.#orders = orders
  }
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // A first start.
    return ''
  }
}
