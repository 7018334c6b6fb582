// What others wrote into the store may be of any size (an edge writes what it likes under its own name), damaged, or of
// a newer release. So no more of a value is read than the size of a message, and what is wrong is said once, not each
// second.

import type { Refusal } from '../model/lease.js'
import { MAX_MESSAGE_BYTES } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import { type Redis, storeError } from '../runtime/redis.js'
import { isRefusal } from '../wire/bytes.js'

/** What stands under the name of each edge, where something does. */
export async function readValues(redis: Redis, edges: readonly string[], nameOf: (edge: string) => string) {
  const fail = (error: unknown): never => {
    throw storeError(error, 'Reading from the store')
  }
  const pipeline = redis.pipeline()
  for (const edge of edges) pipeline.getrangeBuffer(nameOf(edge), 0, MAX_MESSAGE_BYTES)
  const found = new Map<string, Buffer>()
  for (const [i, [error, value]] of ((await pipeline.exec().catch(fail)) ?? []).entries()) {
    const bytes = error === null ? (value as Buffer) : fail(error)
    if (bytes.length > 0) found.set(edges[i]!, bytes)
  }
  return found
}

/** Lets pass what could be read of an edge; a refusal becomes null, and is logged unless it is the last one again. */
export function createJudge(log: Logger, complaint: string) {
  const told = new Map<string, string>()
  return <T extends object>(edge: string, read: T | Refusal): T | null => {
    if (!isRefusal(read)) {
      told.delete(edge)
      return read
    }
    if (told.get(edge) !== read.code) log.warn({ edge, ...read }, complaint)
    told.set(edge, read.code)
    return null
  }
}
