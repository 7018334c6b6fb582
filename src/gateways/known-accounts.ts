// The accounts of edges as they were known last, in a file of this controller's (mode 0600): digests, no invitation.
// It counts at a start on a store that is behind, as accounts/ended.ts does for people. A controller that was down
// while an account was removed knows of it still; it says so only where the store has lost the removal as well.

import { readFileSync } from 'node:fs'
import { EDGE_WAYS } from '../model/edge-account.js'
import { jsonOrNull } from '../runtime/json.js'
import { writeWhole } from '../runtime/whole-file.js'
import * as z from '../runtime/zod.js'

const recordSchema = z.object({
  /** The one-time token that was not spent yet. */
  invitation: z.object({ digest: z.string(), expires: z.number() }).nullable(),
  /** SHA-256 of the secret at the volatile store, in hex as Redis takes it; null: not traded yet. */
  store: z.string().nullable(),
  /** Digest of the token at the API. */
  token: z.string().nullable(),
  /** Whether it was given a key: nothing without one is taken from it any more. */
  keyed: z.boolean().default(false),
  /** The way by which its rates come: `redis` where there is one, unless somebody chose. */
  over: z.enum(EDGE_WAYS).nullable().default(null),
  at: z.number(),
  by: z.string(),
})
export type EdgeRecord = z.output<typeof recordSchema>

export type Records = ReadonlyMap<string, EdgeRecord>

const fileSchema = z.object({
  ...{ plane: z.string(), version: z.int().positive(), edges: z.record(z.string(), recordSchema) },
})

export class KnownAccounts {
  readonly #file: string
  readonly #plane: string
  readonly version: number
  readonly records: Records
  #kept: number

  constructor(file: string, plane: string) {
    this.#file = file
    this.#plane = plane
    const { data } = fileSchema.safeParse(jsonOrNull(textOf(file)))
    const isOurs = data?.plane === plane
    this.version = isOurs ? data.version : 0
    this.records = new Map(isOurs ? Object.entries(data.edges) : [])
    this.#kept = this.version
  }

  /** @throws what the disk says. */
  keep(version: number, records: Records): void {
    if (version === this.#kept) return
    const edges = Object.fromEntries([...records].map(([edge, record]) => [edge, { ...record, invitation: null }]))
    writeWhole(this.#file, JSON.stringify({ plane: this.#plane, version, edges }))
    this.#kept = version
  }
}

/** Of the fields of the store's hash; null: one of them cannot be read. */
export function recordsIn(fields: Readonly<Record<string, string>>): Records | null {
  const records = new Map<string, EdgeRecord>()
  for (const [field, text] of Object.entries(fields)) {
    const { data } = recordSchema.safeParse(jsonOrNull(text))
    if (data === undefined) return null
    records.set(field.slice('edge:'.length), data)
  }
  return records
}

/** Whether they let in the same. */
export const sameRecords = (a: Records, b: Records): boolean => textOfRecords(a) === textOfRecords(b)

const textOfRecords = (records: Records): string =>
  JSON.stringify([...records].map(([edge, record]) => [edge, { ...record, invitation: null }] as const).sort(byEdge))

const byEdge = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // A first start.
    return ''
  }
}
