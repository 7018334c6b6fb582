// What a restore must not give back: an account that was disabled since, a token or a session that ended, and a trail
// that does not say so. Accounts that the store still knows stay as they are; where it has lost them, those of the
// backup come back without tokens and sessions (and the controller disables whom it knows to be disabled:
// accounts/ended.ts). A trail that goes on from that of the backup stays too. In any case the trail tells of the
// restore, with where it ended before; what is gone then is a fault of the trail until it was exported and cut off
// behind it.

import { userInfo } from 'node:os'
import { type Link, START } from '../audit/chain.js'
import { RESTORE } from '../audit/deeds.js'
import { redisAuditStore } from '../audit/store.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Logger } from '../runtime/log.js'
import type { Redis } from '../runtime/redis.js'
import type { BackupEntry, RestorePlan } from '../runtime/store-backup.js'
import { keys, planeOf } from '../wire/redis-keys.js'
import { openTrail, readMark } from './trail.js'

const WITHIN = 5_000

export interface RestoreWatch {
  /** For `restore`. */
  plan(entries: readonly BackupEntry[]): Promise<RestorePlan>
  /** Tells the trails, once it is done. */
  tell(at: string): Promise<void>
}

export function watchRestore(redis: Redis, settings: Pick<Settings, 'audit' | 'data'>, log: Logger): RestoreWatch {
  /** Where the trail of each plane ended. */
  const ended = new Map<string, Link>()
  return {
    async plan(entries) {
      const planes = new Set(entries.map(({ key }) => planeOf(key)).filter((plane) => plane !== null))
      const kept = new Set<string>()
      for (const plane of planes) {
        const { accounts, audit, auditHead } = keys(plane)
        const { head } = await redisAuditStore({ redis, plane }).ends()
        const mark = readMark(settings.data, plane)
        ended.set(plane, mark.n > head.n ? mark : head)
        if ((await redis.exists(accounts)) === 1) kept.add(accounts)
        if (await goesOnFrom(redis, plane, headIn(entries, auditHead)))
          for (const key of [audit, auditHead]) kept.add(key)
      }
      return { kept, entries: entries.map((entry) => withoutAccess(entry)) }
    },
    async tell(at) {
      for (const [plane, was] of ended) {
        const trail = await openTrail({ settings, durable: redis, plane, clock: systemClock, log, known: START })
        const { base, head: left } = await redisAuditStore({ redis, plane }).ends()
        const [row] = was.n > base.n ? await trail.range(was.n, was.n, 1) : [was]
        // What was there is there still.
        const before = row?.hash === was.hash ? left : was
        const reason = `by ${userInfo().username}, at the controller itself`
        void trail.tell({ action: RESTORE, subject: at, reason, reference: null, before, after: left })
        await trail.close(WITHIN)
      }
    },
  }
}

/** Whether the trail in the store has the end of another one in it. */
async function goesOnFrom(redis: Redis, plane: string, end: Link): Promise<boolean> {
  const store = redisAuditStore({ redis, plane })
  const { base, head } = await store.ends()
  if (head.n < end.n || head.n === 0) return false
  if (end.n <= base.n) return true
  const [row] = await store.range(end.n, end.n, 1, false)
  return row?.hash === end.hash
}

function headIn(entries: readonly BackupEntry[], key: string): Link {
  const value = entries.find((entry) => entry.key === key)?.value
  const { n, hash } = value?.type === 'hash' ? value.fields : {}
  return typeof n === 'string' && typeof hash === 'string' ? { n: Number(n), hash } : START
}

/** Whoever had a token or a session when the backup was made signs in again. */
function withoutAccess(entry: BackupEntry): BackupEntry {
  const plane = planeOf(entry.key)
  if (plane === null || entry.key !== keys(plane).accounts || entry.value.type !== 'hash') return entry
  const fields = Object.entries(entry.value.fields).filter(([name]) => !/^(session|token):/.test(name))
  return { ...entry, value: { ...entry.value, fields: Object.fromEntries(fields) } }
}
