// The register in the durable store: what people and monitoring have put in force beside the document, which revision
// was confirmed, which break-glass commits wait for a signature, proposals of changes, what is said to be in force at
// edges that a person configures, which edges are to go, and which alarms somebody has seen. One hash, a field a thing,
// edited by compare-and-set on the version of the whole, on disk before it is acknowledged.

import type { SeenElsewhere } from '../../model/alarm.js'
import { canonicalJson } from '../../model/canonical.js'
import type { Milliseconds } from '../../model/units.js'
import { type DurableOptions, DurableStore } from '../../runtime/durable.js'
import { MizaniError } from '../../runtime/errors.js'
import { jsonOrNull } from '../../runtime/json.js'
import { readLibrary } from '../../runtime/redis.js'
import * as z from '../../runtime/zod.js'
import { keys, type PlaneKeys } from '../../wire/redis-keys.js'
import { patch } from '../document/prepared.js'
import { type Proposal, proposalSchema } from '../revisions/proposal.js'
import type { Freeze, InForce, ModeSwitch, Override } from './holding.js'
import type { LinkState } from './link-state.js'

const LIBRARY = readLibrary(new URL('./register.lua', import.meta.url))
const EDIT = 'mizani_register_edit_1'
const SETTLING = readLibrary(new URL('./settle.lua', import.meta.url))
const SETTLE = 'mizani_settle_1'
/** How long what has ended or was decided stays on its list. Everything here is read at every edit. */
export const REMEMBERED: Milliseconds = 30 * 86_400_000
/** Others may be faster; so many in a row are not chance but a fault. */
const TRIES = 100

const time = z.number()
const fields = {
  override: z.object({
    ...{ id: z.string(), patch, from: time, until: time, reason: z.string(), reference: z.string().nullable() },
    ...{ owner: z.string(), author: z.string(), at: time },
  }),
  mode: z.object({ mode: z.string(), from: time, until: time, reason: z.string(), author: z.string() }),
  link: z.object({
    ...{ link: z.string(), factor: z.number(), held: z.number(), heldUntil: time, until: time.nullable(), at: time },
    ...{ source: z.string(), reason: z.string(), events: z.array(z.string()), falls: z.array(time) },
    edge: z.string().optional(),
    ...{ since: time.optional(), heldSince: time.optional() },
  }),
  freeze: z.object({ since: time, reason: z.string(), author: z.string() }),
  confirmed: z.number(),
  unsigned: z.object({ revision: z.number(), author: z.string(), reason: z.string(), at: time }),
  watch: z.object({
    ...{ revision: z.number(), refusing: z.array(z.string()), broken: z.array(z.string()), certified: z.boolean() },
  }),
  proposal: proposalSchema,
  answers: z.object({ columns: z.record(z.string(), z.string()), same: z.record(z.string(), z.string()) }),
  edge: z.object({
    ...{ edge: z.string(), revision: z.number(), at: time, author: z.string() },
    /** kbit/s by the number of the flow (recordKey). */
    rates: z.record(z.string(), z.number()),
  }),
  seen: z.object({
    ...{ code: z.string(), members: z.array(z.string()), by: z.string(), at: time, note: z.string() },
  }),
  drain: z.object({ edge: z.string(), since: time, author: z.string(), reason: z.string() }),
  replacement: z.object({
    ...{ edge: z.string(), at: time, author: z.string() },
    /** The agent that is replaced; absent: whoever it was. */
    instance: z.string().optional(),
  }),
  settled: z.object({
    /** The revision that was known as the store had lost something. */
    of: z.object({ revision: z.number(), hash: z.string() }),
    ...{ decision: z.enum(['keep', 'take']), author: z.string(), at: time },
  }),
} as const

/** A commit past approval and tests that nobody has signed yet. */
export type Unsigned = z.output<typeof fields.unsigned>

/** What a person says is in force at an edge that nobody else can ask: the rates of one revision. */
export type EdgeConfirmation = z.output<typeof fields.edge>

/** An edge that is to be switched off. */
export type Drain = z.output<typeof fields.drain>
/** An edge whose place another agent may take, for a while and though the one that was still speaks. */
export type Replacement = z.output<typeof fields.replacement>

/** What was wrong when a revision that waits for confirmation was first looked at. */
export type FirstLook = z.output<typeof fields.watch>

/** What people have said about sheets that are imported again and again. */
export type ImportMemory = z.output<typeof fields.answers>
export const NOTHING_SAID: ImportMemory = { columns: {}, same: {} }

/** What a person has decided about a store that had lost something. */
export type Settled = z.output<typeof fields.settled>

export interface Register extends InForce {
  readonly version: number
  /** All of it, as the store keeps it. */
  readonly fields: Readonly<Record<string, string>>
  /** The last decision about a loss; null: there was none. */
  readonly settled: Settled | null
  /** The newest revision of the policy, entered as it was made; 0: none was since that is done. */
  readonly revision: number
  /** The last revision that somebody confirmed; 0: none was. */
  readonly confirmed: number
  readonly unsigned: readonly Unsigned[]
  /** Of the revision that waits, or of one that did. */
  readonly watch: FirstLook | null
  readonly proposals: readonly Proposal[]
  readonly confirmations: readonly EdgeConfirmation[]
  readonly drains: readonly Drain[]
  readonly replacements: readonly Replacement[]
  /** Alarms that somebody has acknowledged, for the other controllers. */
  readonly seen: readonly SeenElsewhere[]
  /** By what is imported, and whose answers they are (`importOf`). */
  readonly imports: Readonly<Record<string, ImportMemory>>
}

export const EMPTY_REGISTER: Register = {
  ...{ version: 0, revision: 0, overrides: [], modes: [], links: [], freeze: null },
  ...{ confirmed: 0, unsigned: [], watch: null, proposals: [], imports: {}, confirmations: [], drains: [], seen: [] },
  ...{ replacements: [], fields: {}, settled: null },
}

/** Fields to write; null takes one out. The names are those of `fieldOf`. */
export type Edit = Readonly<Record<string, unknown>>

export const fieldOf = {
  override: (id: string) => `override:${id}`,
  mode: (id: string) => `mode:${id}`,
  link: (id: string, edge?: string) => (edge === undefined ? `link:${id}` : `link:${id}:${edge}`),
  freeze: 'freeze',
  confirmed: 'confirmed',
  unsigned: (revision: number) => `unsigned:${revision}`,
  watch: 'watch',
  proposal: (id: string) => `proposal:${id}`,
  answers: (of: string) => `answers:${of}`,
  /** What releases before have kept, whoever had said it: it answers for nobody. */
  import: (kind: string) => `import:${kind}`,
  edge: (id: string) => `edge:${id}`,
  drain: (id: string) => `drain:${id}`,
  replacement: (id: string) => `replacement:${id}`,
  seen: (alarm: string) => `seen:${alarm}`,
  settled: 'settled',
} as const

/** Whose answers: those of one account that has a scope, or of everybody who has none. */
export const importOf = (kind: string, actor: string | null): string => (actor === null ? kind : `${kind}:${actor}`)

/** All that a store is to hold after a decision about what it had lost. */
export interface Settlement {
  /** The revision that it was seen at; 0: it had none. */
  readonly seen: number
  readonly next: { readonly revision: number; readonly hash: string; readonly record: Buffer }
  /** The revision that was known; no record: it stays as the store has it. */
  readonly known: { readonly revision: number; readonly record: Buffer | null }
  readonly indexes: ReadonlyMap<string, number>
  readonly fields: Readonly<Record<string, string>>
  /** As JSON, by edge. */
  readonly orders: Readonly<Record<string, string>>
}

export class RegisterStore {
  readonly #store: DurableStore
  readonly #keys: PlaneKeys
  readonly #key: string

  constructor({ plane, ...store }: DurableOptions & { readonly plane: string }) {
    this.#store = new DurableStore(store)
    this.#keys = keys(plane)
    this.#key = this.#keys.register
  }

  async read(): Promise<Register> {
    return parseRegister(await this.#store.read('Reading the register', (redis) => redis.hgetall(this.#key)))
  }

  /**
   * Edits what is there now: `judge` sees it and says what to write, or throws. It is asked again when somebody else
   * was faster.
   * @throws MizaniError what `judge` throws, READ_ONLY, STORE_UNAVAILABLE, OUTCOME_UNKNOWN.
   */
  async edit(judge: (now: Register) => Edit): Promise<Register> {
    await this.#store.assertDurable()
    for (let tries = 0; tries < TRIES; tries++) {
      const now = await this.read()
      const changes = Object.entries(judge(now))
      if (changes.length === 0) return now
      const pairs = changes.flatMap(([field, value]) => [field, value === null ? '' : canonicalJson(value)])
      const args = [String(now.version), ...pairs]
      const reply = await this.#store.call(LIBRARY, EDIT, [this.#key], args, 'Writing the register')
      if ((reply as string[])[0] === 'OK') return this.read()
    }
    throw new MizaniError({
      code: 'STORE_UNAVAILABLE',
      message: `The register was changed by others ${TRIES} times in a row.`,
    })
  }

  /**
   * Writes what a person has decided about a store that had lost something, whatever stands there.
   * @throws MizaniError PRECONDITION_FAILED, READ_ONLY, STORE_UNAVAILABLE, OUTCOME_UNKNOWN.
   */
  async settle({ seen, next, known, indexes, fields, orders }: Settlement): Promise<void> {
    await this.#store.assertDurable()
    const { policyHead, policyDoc, index, register, enforcement, policyChanged } = this.#keys
    const numbers = Object.fromEntries([...indexes].map(([id, number]) => [id, String(number)]))
    const reply = await this.#store.call(
      SETTLING,
      SETTLE,
      [policyHead, policyDoc(next.revision), index, register, enforcement, policyDoc(known.revision)],
      [
        ...[String(seen), String(next.revision), next.hash, next.record, known.record ?? '', policyChanged],
        ...[numbers, fields, orders].flatMap(flat),
      ],
      'Settling what the store holds',
    )
    const [verdict, found] = reply as string[]
    if (verdict === 'OK') return
    throw new MizaniError({
      code: 'PRECONDITION_FAILED',
      message: `The store is at revision ${found} by now, not ${seen}: somebody else was faster.`,
      advice: 'Look at the alarm again, and decide anew if it is still there.',
    })
  }
}

const flat = (values: Readonly<Record<string, string>>): string[] => {
  const pairs = Object.entries(values).flat()
  return [String(pairs.length), ...pairs]
}

/** A field that this release cannot read is left out: a newer release may have written it. */
export function parseRegister(found: Readonly<Record<string, string>>): Register {
  const overrides: Override[] = []
  const modes: ModeSwitch[] = []
  const links: LinkState[] = []
  const unsigned: Unsigned[] = []
  const proposals: Proposal[] = []
  const imports: Record<string, ImportMemory> = {}
  const confirmations: EdgeConfirmation[] = []
  const drains: Drain[] = []
  const replacements: Replacement[] = []
  const seen: SeenElsewhere[] = []
  let freeze: Freeze | null = null
  let watch: FirstLook | null = null
  let settled: Settled | null = null
  let confirmed = 0
  for (const [field, text] of Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [kind = '', ...names] = field.split(':')
    const take = <T>(schema: z.ZodType<T>, keep: (value: T) => void): void => {
      const parsed = schema.safeParse(jsonOrNull(text))
      if (parsed.success) keep(parsed.data)
    }
    if (kind === 'override') take(fields.override, (value) => overrides.push(value))
    else if (kind === 'mode') take(fields.mode, (value) => modes.push(value))
    else if (kind === 'link') take(fields.link, (value) => links.push(value))
    else if (kind === 'unsigned') take(fields.unsigned, (value) => unsigned.push(value))
    else if (kind === 'proposal') take(fields.proposal, (value) => proposals.push(value))
    else if (kind === 'edge') take(fields.edge, (value) => confirmations.push(value))
    else if (kind === 'drain') take(fields.drain, (value) => drains.push(value))
    else if (kind === 'replacement') take(fields.replacement, (value) => replacements.push(value))
    else if (kind === 'seen') take(fields.seen, (value) => seen.push(value))
    else if (kind === 'answers')
      take(fields.answers, (value) => {
        imports[names.join(':')] = value
      })
    else if (kind === 'freeze')
      take(fields.freeze, (value) => {
        freeze = value
      })
    else if (kind === 'watch')
      take(fields.watch, (value) => {
        watch = value
      })
    else if (kind === 'settled')
      take(fields.settled, (value) => {
        settled = value
      })
    else if (kind === 'confirmed')
      take(fields.confirmed, (value) => {
        confirmed = value
      })
  }
  const [version, revision] = [Number(found.version ?? 0), Number(found.revision ?? 0)]
  return {
    ...{ version, revision, overrides, modes, links, freeze, confirmed, unsigned, watch, proposals, imports },
    ...{ confirmations, drains, replacements, seen, settled, fields: found },
  }
}
