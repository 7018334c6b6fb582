// A store as one file, and back. Lines of JSON: the first names the file and carries the checksum of the rest, each
// other one is a key with its type and content, in order, so that two backups of one state are the same bytes. Values
// are spelled out rather than dumped: a file outlives the version of Redis that it came from, and people can read it.
// Bytes that are no text (revisions are compressed) stand in base64.

import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { Milliseconds } from '../model/units.js'
import { MizaniError } from './errors.js'
import { jsonOrNull } from './json.js'
import { type Redis, replicasOf, storeError } from './redis.js'
import * as z from './zod.js'

const FORMAT = 2
/** What this release reads: format 1 had text alone. */
const FORMATS = [1, FORMAT]
const MAX_READINGS = 5
/** Keys that are asked for together: the quicker a reading, the likelier that nothing changes in it. */
const AT_ONCE = 500
const DURABLE_WITHIN: Milliseconds = 5_000

const contentSchema = z.union([z.string(), z.object({ base64: z.base64() })])
type Content = z.output<typeof contentSchema>

const entrySchema = z.object({
  key: z.string(),
  /** Unix ms at which it ends; absent: never. */
  expires: z.number().optional(),
  value: z.discriminatedUnion('type', [
    z.object({ type: z.literal('string'), text: contentSchema }),
    z.object({ type: z.literal('hash'), fields: z.record(z.string(), contentSchema) }),
    z.object({ type: z.literal('list'), items: z.array(contentSchema) }),
    z.object({ type: z.literal('set'), members: z.array(contentSchema) }),
    z.object({ type: z.literal('zset'), scores: z.array(z.tuple([contentSchema, z.string()])) }),
    z.object({ type: z.literal('stream'), entries: z.array(z.tuple([z.string(), z.array(contentSchema)])) }),
  ]),
})
export type BackupEntry = z.output<typeof entrySchema>
type Entry = BackupEntry
type Value = Entry['value']

const headSchema = z.object({
  mizani: z.literal('backup'),
  format: z.number(),
  keys: z.number(),
  sha256: z.string(),
  at: z.string(),
})

export interface Restored {
  readonly keys: number
  readonly at: string
}

/**
 * Everything under the pattern, as of one moment: it is read until two readings agree.
 * @param at when, in ISO 8601. @throws MizaniError STORE_BUSY when it changes all the time.
 */
export async function backUp(redis: Redis, pattern: string, at: string): Promise<string> {
  let last = ''
  for (let n = 0; n < MAX_READINGS; n++) {
    const body = (await readAll(redis, pattern)).map((entry) => `${JSON.stringify(entry)}\n`).join('')
    if (n > 0 && body === last) {
      const keys = body.split('\n').length - 1
      return `${JSON.stringify({ mizani: 'backup', format: FORMAT, keys, sha256: sha256(body), at })}\n${body}`
    }
    last = body
  }
  throw new MizaniError({
    code: 'STORE_BUSY',
    message: 'The store changes while it is read; no moment could be caught.',
  })
}

/** What becomes of a backup in this store. */
export interface RestorePlan {
  /** Keys that stay as they are in the store. */
  readonly kept: ReadonlySet<string>
  readonly entries: readonly BackupEntry[]
}

/**
 * Makes the store what the file says, in one step, and on disk everywhere before it is said to be done.
 * @param replace whether what stands under the pattern may go.
 * @param plan what of the file is taken, and what of the store stays; asked before anything is changed.
 * @throws MizaniError BACKUP_INVALID, STORE_NOT_EMPTY.
 */
export async function restore(
  redis: Redis,
  pattern: string,
  file: string,
  replace: boolean,
  plan: (entries: readonly BackupEntry[], at: string) => Promise<RestorePlan>,
): Promise<Restored> {
  const { entries: read, at } = readFile(file)
  const found = await keysOf(redis, pattern)
  const { kept, entries } = await plan(read, at)
  const present = found.filter((key) => !kept.has(key))
  if (found.length > 0 && !replace) {
    throw new MizaniError({
      code: 'STORE_NOT_EMPTY',
      message: `The store holds ${found.length} keys already.`,
      advice: 'Restore into an empty store, or say --force to replace what it holds.',
    })
  }
  const step = redis.multi()
  if (present.length > 0) step.del(...present)
  for (const entry of entries) {
    if (kept.has(entry.key)) continue
    for (const [command, ...args] of commandsOf(entry)) step.call(command, ...args)
  }
  try {
    for (const [error] of (await step.exec()) ?? []) if (error !== null) throw error
    const replicas = await replicasOf(redis)
    const [here = 0, there = 0] = (await redis.call('WAITAOF', 1, replicas, DURABLE_WITHIN)) as number[]
    if (here < 1 || there < replicas) throw new Error(`written, but only ${here} + ${there} servers say it is on disk`)
  } catch (error) {
    throw storeError(error, 'Restoring')
  }
  return { keys: entries.length, at }
}

function readFile(file: string): { entries: Entry[]; at: string } {
  const refuse = (why: string): never => {
    const advice = 'Take another backup: a part of this one would be worse than none.'
    throw new MizaniError({ code: 'BACKUP_INVALID', message: `This file cannot be restored: ${why}.`, advice })
  }
  const end = file.indexOf('\n')
  const head = headSchema.safeParse(jsonOrNull(file.slice(0, end)))
  if (!head.success) return refuse('it is no backup of Mizani')
  const { format, keys, sha256: sum, at } = head.data
  if (!FORMATS.includes(format)) {
    return refuse(`it has format ${format}, this release reads ${FORMATS.join(' and ')}`)
  }
  const body = file.slice(end + 1)
  if (sha256(body) !== sum) return refuse('its checksum does not match')
  const entries = body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => entrySchema.parse(jsonOrNull(line)))
  return entries.length === keys ? { entries, at } : refuse(`it names ${keys} keys and holds ${entries.length}`)
}

async function readAll(redis: Redis, pattern: string): Promise<Entry[]> {
  const entries: (Entry | null)[] = []
  const keys = await keysOf(redis, pattern)
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    entries.push(...(await Promise.all(keys.slice(at, at + AT_ONCE).map((key) => readEntry(redis, key)))))
  }
  return entries.filter((entry) => entry !== null)
}

async function readEntry(redis: Redis, key: string): Promise<Entry | null> {
  const [value, expires] = await Promise.all([readValue(redis, key), redis.call('PEXPIRETIME', key)])
  return value === null ? null : { key, ...(Number(expires) > 0 ? { expires: Number(expires) } : {}), value }
}

async function keysOf(redis: Redis, pattern: string): Promise<string[]> {
  const found = new Set<string>()
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000)
    for (const key of keys) found.add(key)
    cursor = next
  } while (cursor !== '0')
  return [...found].sort()
}

/** Null: it ended meanwhile. */
async function readValue(redis: Redis, key: string): Promise<Value | null> {
  const type = await redis.type(key)
  switch (type) {
    case 'none':
      return null
    case 'string': {
      const bytes = await redis.getBuffer(key)
      return bytes === null ? null : { type, text: contentOf(bytes) }
    }
    case 'hash': {
      const fields = Object.entries(await redis.hgetallBuffer(key)).sort(byFirst)
      return { type, fields: Object.fromEntries(fields.map(([name, bytes]) => [name, contentOf(bytes)])) }
    }
    case 'list':
      return { type, items: (await redis.lrangeBuffer(key, 0, -1)).map(contentOf) }
    case 'set':
      return { type, members: (await redis.smembersBuffer(key)).sort(Buffer.compare).map(contentOf) }
    case 'zset':
      return { type, scores: pairs(await redis.zrangeBuffer(key, 0, -1, 'WITHSCORES')) }
    case 'stream': {
      const entries = await redis.xrangeBuffer(key, '-', '+')
      return { type, entries: entries.map(([id, fields]) => [id.toString(), fields.map(contentOf)]) }
    }
    default:
      throw new MizaniError({ code: 'STORE_REPLY', message: `${key} is of a type that is not kept here: ${type}.` })
  }
}

const contentOf = (bytes: Buffer): Content => (isUtf8(bytes) ? bytes.toString() : { base64: bytes.toString('base64') })

const bytesOf = (content: Content): string | Buffer =>
  typeof content === 'string' ? content : Buffer.from(content.base64, 'base64')

type Command = readonly [string, ...(string | Buffer)[]]

function commandsOf({ key, value, expires }: Entry): Command[] {
  const end: Command[] = expires === undefined ? [] : [['PEXPIREAT', key, String(expires)]]
  return [...writesOf(key, value), ...end]
}

function writesOf(key: string, value: Value): Command[] {
  switch (value.type) {
    case 'string':
      return [['SET', key, bytesOf(value.text)]]
    case 'hash':
      return [['HSET', key, ...Object.entries(value.fields).flatMap(([name, content]) => [name, bytesOf(content)])]]
    case 'list':
      return [['RPUSH', key, ...value.items.map(bytesOf)]]
    case 'set':
      return [['SADD', key, ...value.members.map(bytesOf)]]
    case 'zset':
      return [['ZADD', key, ...value.scores.flatMap(([member, score]) => [score, bytesOf(member)])]]
    case 'stream':
      return value.entries.map(([id, fields]) => ['XADD', key, id, ...fields.map(bytesOf)])
  }
}

const byFirst = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

const pairs = (flat: readonly Buffer[]): [Content, string][] =>
  flat.flatMap((bytes, i) => (i % 2 === 0 ? [[contentOf(bytes), String(flat[i + 1])] as [Content, string]] : []))

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
