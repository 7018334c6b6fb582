// What members have asked for, in the durable store: one hash, read whole and written by compare-and-set on its
// version, so that a bound over all of them holds whoever asks at the same time, and of two who decide at once one
// does.

import { DIRECTIONS } from '../model/network.js'
import { LOOKED_AT, REQUEST_STATES } from '../model/request.js'
import { type DurableOptions, DurableStore } from '../runtime/durable.js'
import { jsonOrNull } from '../runtime/json.js'
import { readLibrary } from '../runtime/redis.js'
import * as z from '../runtime/zod.js'
import { keys } from '../wire/redis-keys.js'

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))
const VERSION = 'version'

const shift = z.object({
  ...{ institution: z.string(), service: z.string(), direction: z.enum(DIRECTIONS) },
  /** Need, bit/s. */
  ...{ before: z.number(), after: z.number() },
})
const requestShape = z.object({
  ...{ id: z.string(), institution: z.string(), author: z.string(), at: z.number() },
  state: z.enum(REQUEST_STATES),
  /** Null: as it is. */
  tier: z.string().nullable(),
  /** By service, bit/s; those that are not named stay. */
  ceilings: z.record(z.string(), z.object({ down: z.number(), up: z.number() })),
  reason: z.string(),
  /** What it would have done when it was made. */
  preview: z.object({
    revision: z.number(),
    demands: z.array(
      z.object({
        demand: z.enum(LOOKED_AT),
        own: z.array(shift),
        /** Institutions that would have less, and whose promise would break. */
        ...{ losers: z.number(), broken: z.number() },
        /** The first of those that would have less, flow by flow. */
        others: z.array(shift),
      }),
    ),
    testsFailed: z.number(),
  }),
  /** Null: it waits. */
  decided: z.object({ at: z.number(), by: z.string(), reason: z.string().nullable() }).nullable(),
  /** The proposal that it was accepted into. */
  proposal: z.string().nullable(),
})
/** An institution asks for more than it has. */
export type MemberRequest = z.output<typeof requestShape>

export interface KeptRequests {
  readonly version: string
  /** The earliest first. */
  readonly requests: readonly MemberRequest[]
}

/** Each @throws MizaniError READ_ONLY, STORE_UNAVAILABLE, OUTCOME_UNKNOWN. */
export interface RequestStore {
  read(): Promise<KeptRequests>
  /** @returns false: somebody else has written since `version` was read. */
  write(version: string, kept: readonly MemberRequest[], gone: readonly string[]): Promise<boolean>
}

export function redisRequests({ plane, ...options }: DurableOptions & { readonly plane: string }): RequestStore {
  const store = new DurableStore(options)
  const key = keys(plane).requests
  return {
    async read() {
      const found = await store.read('Reading the requests', (redis) => redis.hgetall(key))
      const { [VERSION]: version = '0', ...texts } = found
      // What a newer release has written and this one cannot read is left out.
      const known = Object.values(texts).flatMap((text) => requestShape.safeParse(jsonOrNull(text)).data ?? [])
      return { version, requests: known.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)) }
    },
    async write(version, kept, gone) {
      await store.assertDurable()
      const writes = [...kept.flatMap((one) => [one.id, JSON.stringify(one)]), ...gone.flatMap((id) => [id, ''])]
      const doing = 'Writing a request'
      return (await store.call(LIBRARY, 'mizani_requests_write_1', [key], [version, ...writes], doing)) === 'OK'
    },
  }
}
