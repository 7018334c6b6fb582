// What an edge remembers across a restart of its process: the last good content, its profile, and when the lease ends.
//
// A file is written beside, then renamed over: there is the old file or the new one, never half of one. What takes
// rates away is also forced to the disk before it is acknowledged, because others are given that room on the strength
// of the acknowledgement. Where it cannot be written the old memory is removed instead: an edge without memory starts
// low. (What gives rates survives the process; should the machine stop before it reached the disk, the lease is gone
// with the boot.)
//
//   <edge>.json                 format, edge, checksum, and the memory
//   <edge>.profile-<hash>.json  the profile its records are to be read with: in format 1, which the release before can
//                               start from, and beside it in format 2 where that is what was told
//
// Whatever is damaged, of another format or of another edge is left alone and said.

import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type EdgeProfile, type EdgeReport, type RateRecord, recordKey } from '../model/lease.js'
import type { Reason } from '../model/reason.js'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { messageOf } from '../runtime/errors.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import { isRefusal } from '../wire/bytes.js'
import { encodeProfile, inFormat1, type ProfileBytes } from '../wire/profile.js'
import { decodeProfile } from '../wire/profile-reader.js'
import type { Content } from './lease-keeper.js'

const FORMAT = 1

export interface Memory {
  /** The boot whose clock `leaseEnd` is on. */
  readonly boot: string
  readonly lease: Milliseconds
  /** Null: there is no lease. */
  readonly leaseEnd: Milliseconds | null
  readonly content: Content
  /** What is kept in force while the edge is in hold. */
  readonly held: Content | null
  /** What stood last, and stays where the kernel takes no orders. Absent: a release that does not tell. */
  readonly stood?: Pick<EdgeReport, 'applied' | 'enforcement'>
  /** Absent: nothing was told, or by a release that does not. */
  readonly reasons?: ToldReasons
}

/** Why flows have their rates, as the controller said last. */
export interface ToldReasons {
  /** When it was said last. */
  readonly at: UnixMilliseconds
  readonly reasons: readonly Reason[]
}

export interface ProfileInForce {
  readonly profile: EdgeProfile
  readonly hash: string
}

export interface MemoryStore {
  /** What is remembered, or null with the reason in `note` (null: there was nothing to read). */
  load(): Promise<{ readonly memory: (Memory & ProfileInForce) | null; readonly note: string | null }>
  /** Resolves when it is safe to acknowledge. Rejects when it can neither be written nor the old one be removed. */
  save(memory: Memory, profile: ProfileInForce): Promise<void>
}

/** Files of this edge under the folder, which is made when it is first written to. */
export function createMemoryStore(folder: string, edge: string): MemoryStore {
  const file = join(folder, `${edge}.json`)
  const profileName = (hash: string): string => `${edge}.profile-${hash}.json`
  const profileFile = (hash: string): string => join(folder, profileName(hash))
  /** On the disk now; null: nothing that we know of. */
  let saved: Memory | null = null
  const firstOf = lastInFormat1()
  const queue = new SerialQueue()

  async function load(): Promise<Memory & ProfileInForce> {
    const { told, ...memory } = unseal(await readFile(file, 'utf8'), edge)
    const first = await readProfile(profileFile(memory.content.profile), memory.content.profile)
    // Who went back to the release before and came again finds the one that this left.
    const profile = told === undefined ? first : await readProfile(profileFile(told), told).catch(() => first)
    saved = { ...memory, content: { ...memory.content, profile: profile.hash } }
    return { ...saved, ...profile }
  }

  async function write(memory: Memory, { profile, hash }: ProfileInForce): Promise<void> {
    const force = takesAway(saved, memory)
    const first = firstOf(profile)
    if (saved?.content.profile !== hash) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await replace(profileFile(first.hash), first.bytes, folder, force)
      if (first.hash !== hash) await replace(profileFile(hash), encodeProfile(profile).bytes, folder, force)
    }
    const content = { ...memory.content, profile: first.hash }
    const told = first.hash === hash ? {} : { told: hash }
    await replace(file, seal({ ...memory, content, ...told }, edge), folder, force)
    const isNew = saved?.content.profile !== hash
    saved = memory
    if (isNew) await removeProfilesBut([profileName(hash), profileName(first.hash)], folder, `${edge}.profile-`)
  }

  return {
    async load() {
      try {
        return { memory: await load(), note: null }
      } catch (error) {
        const absent = isCode(error, 'ENOENT') && !(await exists(file))
        return { memory: null, note: absent ? null : `${file} is ignored: ${messageOf(error)}` }
      }
    },
    save(memory, profile) {
      return queue.run(async () => {
        try {
          await write(memory, profile)
        } catch {
          saved = null
          await rm(file, { force: true })
        }
      })
    },
  }
}

async function readProfile(file: string, hash: string): Promise<ProfileInForce> {
  const profile = decodeProfile(await readFile(file))
  if (isRefusal(profile)) throw new Error(`its profile is not usable: ${profile.detail}`)
  if (profile.hash !== hash) throw new Error(`its profile has hash ${profile.hash}`)
  return profile
}

/** A profile in format 1, made once: it is asked for with every change of rates. */
function lastInFormat1(): (profile: EdgeProfile) => ProfileBytes {
  let last: { readonly of: EdgeProfile; readonly bytes: ProfileBytes } | null = null
  return (of) => {
    if (last?.of !== of) last = { of, bytes: encodeProfile(inFormat1(of)) }
    return last.bytes
  }
}

async function removeProfilesBut(kept: readonly string[], folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(prefix) && !kept.includes(name)) await rm(join(folder, name), { force: true })
  }
}

/** Whether an edge that remembered `before` could enforce more than `after` allows. */
function takesAway(before: Memory | null, after: Memory): boolean {
  if (!before) return true
  const kept = new Map(inForce(after).map((record) => [recordKey(record), record]))
  return inForce(before).some((record) => {
    const now = kept.get(recordKey(record))
    return now === undefined || now.rate < record.rate || now.safe < record.safe
  })
}

const inForce = ({ content, held }: Memory): readonly RateRecord[] => (held ?? content).records

async function replace(file: string, content: string | Buffer, folder: string, force: boolean): Promise<void> {
  const beside = `${file}.new`
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(content)
    if (force) await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
  if (force) await syncFolder(folder)
}

/** A rename is on the disk once the folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** As it is written: `content` names the profile in format 1, `told` the one that was told, where that is another. */
type Sealed = Memory & { readonly told?: string }

function seal(memory: Sealed, edge: string): string {
  const text = JSON.stringify(memory)
  return `${JSON.stringify({ format: FORMAT, edge, crc: crc32(text) })}\n${text}\n`
}

/** @throws Error saying what is wrong with the text. */
function unseal(text: string, edge: string): Sealed {
  const [head = '', body = ''] = text.split('\n', 2)
  if (head === '') throw new Error('it is empty')
  const label = parse(head) as { format?: unknown; edge?: unknown; crc?: unknown } | null
  if (label?.format !== FORMAT) throw new Error(`expected format ${FORMAT}, found ${JSON.stringify(label?.format)}`)
  if (label.edge !== edge) throw new Error(`it belongs to edge ${JSON.stringify(label.edge)}`)
  if (label.crc !== crc32(body)) throw new Error('its checksum does not match')
  // What carries our checksum was written by `seal`.
  return parse(body) as Sealed
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('it is not JSON')
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

async function exists(file: string): Promise<boolean> {
  try {
    await (await open(file, 'r')).close()
    return true
  } catch {
    return false
  }
}
