// The trail in the durable store: a stream whose entry n has the id n-0, so that any place in it is found at once.

import { DurableStore } from '../runtime/durable.js'
import { type Redis, readLibrary } from '../runtime/redis.js'
import { keys } from '../wire/redis-keys.js'
import { type Link, type Row, START } from './chain.js'

const LIBRARY = readLibrary(new URL('./functions.lua', import.meta.url))

export interface AuditEnds {
  /** The checkpoint before the first entry that is still kept. */
  readonly base: Link
  readonly head: Link
}

export interface AuditStore {
  ends(): Promise<AuditEnds>
  /** Adds rows behind this end; false: the end is another one. */
  append(end: Link, rows: readonly Row[]): Promise<boolean>
  /** At most so many entries with from <= n <= to; newest first if asked for. */
  range(from: number, to: number, most: number, newestFirst: boolean): Promise<Row[]>
  /** Cuts off everything up to and with this entry; false: there is none of this number and hash. */
  trim(through: Link): Promise<boolean>
}

export function redisAuditStore({ redis, plane }: { readonly redis: Redis; readonly plane: string }): AuditStore {
  const store = new DurableStore({ redis })
  const { audit, auditHead } = keys(plane)
  const reading = 'Reading the audit'
  const call = async (name: string, ...args: string[]): Promise<string[]> =>
    (await store.call(LIBRARY, name, [audit, auditHead], args, 'Writing the audit')) as string[]
  return {
    async ends() {
      const [n, hash, base, baseHash] = await store.read(reading, () =>
        redis.hmget(auditHead, 'n', 'hash', 'base', 'baseHash'),
      )
      return { head: linkOf(n, hash), base: linkOf(base, baseHash) }
    },
    async append(end, rows) {
      const pairs = rows.flatMap(({ text, hash }) => [text, hash])
      const [verdict] = await call('mizani_audit_append_1', String(end.n), end.hash, ...pairs)
      return verdict === 'OK'
    },
    async range(from, to, most, newestFirst) {
      const [low, high] = [`${from}-0`, `${to}-0`]
      const found = await store.read(reading, () =>
        newestFirst ? redis.xrevrange(audit, high, low, 'COUNT', most) : redis.xrange(audit, low, high, 'COUNT', most),
      )
      return found.map(([id, fields]) => rowOf(id, fields))
    },
    async trim(through) {
      const [verdict] = await call('mizani_audit_trim_1', String(through.n), through.hash)
      return verdict === 'OK'
    },
  }
}

const linkOf = (n: string | null | undefined, hash: string | null | undefined): Link =>
  n && hash ? { n: Number(n), hash } : START

function rowOf(id: string, fields: readonly string[]): Row {
  const read = (name: string): string => fields[fields.indexOf(name) + 1] ?? ''
  return { n: Number(id.split('-', 1)[0]), text: read('text'), hash: read('hash') }
}
