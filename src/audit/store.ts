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
  /** Puts other texts in the place of some, whole or not at all; false: the ends have moved meanwhile. */
  rewrite(ends: AuditEnds, texts: ReadonlyMap<number, string>): Promise<boolean>
}

const PAGE = 1_000

export function redisAuditStore({ redis, plane }: { readonly redis: Redis; readonly plane: string }): AuditStore {
  const store = new DurableStore({ redis })
  const { audit, auditHead } = keys(plane)
  const reading = 'Reading the audit'
  const call = async (name: string, ...args: string[]): Promise<string[]> =>
    (await store.call(LIBRARY, name, [audit, auditHead], args, 'Writing the audit')) as string[]
  const port: AuditStore = {
    async ends() {
      const [n, hash, base, baseHash] = await store.read(reading, () =>
        redis.hmget(auditHead, 'n', 'hash', 'base', 'baseHash'),
      )
      return { head: linkOf(n, hash), base: linkOf(base, baseHash) }
    },
    async append(end, rows) {
      const fields = rows.flatMap(({ text, hash, signature }) => [text, hash, signature ?? ''])
      const [verdict] = await call('mizani_audit_append_2', String(end.n), end.hash, ...fields)
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
      const [verdict] = await call('mizani_audit_trim_2', String(through.n), through.hash)
      return verdict === 'OK'
    },
    async rewrite({ base, head }, texts) {
      const copy = `${audit}:copy`
      await store.read(reading, () => redis.del(copy))
      for (let from = base.n + 1; from <= head.n; from += PAGE) {
        const pipeline = redis.pipeline()
        for (const { n, text, hash, signature } of await port.range(
          from,
          Math.min(head.n, from + PAGE - 1),
          PAGE,
          false,
        ))
          pipeline.xadd(copy, `${n}-0`, ...['text', texts.get(n) ?? text, 'hash', hash, 'signature', signature ?? ''])
        const done = await store.read('Writing the audit', () => pipeline.exec())
        if (done?.some(([error]) => error !== null) ?? true) return false
      }
      const args = [String(head.n), head.hash, String(base.n)]
      const swapped = await store.call(
        LIBRARY,
        'mizani_audit_swap_2',
        [audit, auditHead, copy],
        args,
        'Writing the audit',
      )
      return (swapped as string[])[0] === 'OK'
    },
  }
  return port
}

const linkOf = (n: string | null | undefined, hash: string | null | undefined): Link =>
  n && hash ? { n: Number(n), hash } : START

function rowOf(id: string, fields: readonly string[]): Row {
  const read = (name: string): string => {
    const at = fields.findIndex((field, i) => i % 2 === 0 && field === name)
    return at < 0 ? '' : (fields[at + 1] ?? '')
  }
  return {
    n: Number(id.split('-', 1)[0]),
    text: read('text'),
    hash: read('hash'),
    signature: read('signature') || null,
  }
}
