// A profile as an edge reads it: whatever came is refused in words that say where it is not one (profile.ts says what
// it is). Whoever only writes profiles does without this file and its validator.

import { isUtf8 } from 'node:buffer'
import type { EdgeProfile, Refusal } from '../model/lease.js'
import { ENFORCEMENTS, LINE_PROFILES, PACES } from '../model/network.js'
import {
  MAX_CLASSES,
  MAX_ID_LENGTH,
  MAX_LEASE,
  MAX_NAME_LENGTH,
  MAX_PREFIXES_PER_SITE,
  MAX_PROFILE_BYTES,
  MAX_RATE,
  MAX_SERVICES,
  MAX_SITES_PER_EDGE,
  MAX_TICK,
} from '../runtime/limits.js'
import * as z from '../runtime/zod.js'
import { refuse, refusing, shortHash } from './bytes.js'

/** A profile that was read, with its version; or why it is not one. Never throws. */
export function decodeProfile(bytes: Uint8Array): { profile: EdgeProfile; hash: string } | Refusal {
  return refusing(() => {
    if (bytes.length > MAX_PROFILE_BYTES) {
      refuse('PROFILE', `expected at most ${MAX_PROFILE_BYTES} bytes, found ${bytes.length}`)
    }
    if (!isUtf8(bytes)) refuse('PROFILE', 'the profile is not UTF-8')
    const result = schema.safeParse(parseJson(Buffer.from(bytes).toString('utf8')))
    if (!result.success) {
      const { path, message } = result.error.issues[0]!
      return refuse('PROFILE', `/${path.join('/')}: ${message}`)
    }
    return { profile: result.data, hash: shortHash(bytes) }
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refuse('PROFILE', 'the profile is not JSON')
  }
}

const id = z.string().min(1).max(MAX_ID_LENGTH)
const rate = z.int().min(0).max(MAX_RATE)
const bothWays = z.strictObject({ down: rate, up: rate })
const name = z.string().max(MAX_NAME_LENGTH)
const prefixes = z.array(z.union([z.cidrv4(), z.cidrv6()]))

const site = z.strictObject({
  id,
  prefixes: prefixes.max(MAX_PREFIXES_PER_SITE),
  vlan: z.int().min(1).max(4094).nullable(),
  access: bothWays,
})

const institution = z.strictObject({
  index: z.int().min(0).max(0xffffffff),
  id,
  name: z.strictObject({ en: name, sw: name }),
  sites: z.array(site),
})

const promise = z.strictObject({
  service: z.int().min(0).max(15),
  direction: z.literal([0, 1]),
  guarantee: rate,
  ceiling: rate,
})

const format1 = z.strictObject({
  format: z.literal(1),
  plane: id,
  edge: id,
  enforcement: z.enum(ENFORCEMENTS),
  until: z.int().min(0).nullable(),
  pace: z.enum(PACES),
  line: z.enum(LINE_PROFILES),
  tick: z.int().min(1).max(MAX_TICK),
  lease: z.int().min(1).max(MAX_LEASE),
  staleAfterTicks: z.int().min(1),
  bootRate: rate,
  port: bothWays,
  institutions: z.array(institution).max(MAX_SITES_PER_EDGE),
  services: z.array(z.strictObject({ index: z.int().min(0).max(15), id, prefixes })).max(MAX_SERVICES),
  classes: z
    .array(
      z.strictObject({
        index: z
          .int()
          .min(0)
          .max(MAX_CLASSES - 1),
        id,
        dscp: z.array(z.int().min(0).max(63)),
        weight: z.number().positive(),
        guarantee: z.number().min(0).max(1),
      }),
    )
    .min(1)
    .max(MAX_CLASSES),
})

const format2 = format1.extend({
  format: z.literal(2),
  after: z.enum(ENFORCEMENTS).nullable(),
  institutions: z
    .array(institution.extend({ promised: z.array(promise).max(2 * MAX_SERVICES) }))
    .max(MAX_SITES_PER_EDGE),
})

const schema: z.ZodType<EdgeProfile> = z.discriminatedUnion('format', [format1, format2])
