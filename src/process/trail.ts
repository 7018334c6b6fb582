// The trail of a controller, put together: its store, its keys, what this controller remembers of its end, and the
// telling of that end to the outside.
//
// The end is told within ten seconds of a new entry, and each hour where there is none, so that a silence is heard.
// What the outside does not take is tried again, under an alarm: each end covers all before it, and nothing is missed
// by that.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addAnchor, canRewrite } from '../audit/anchor-file.js'
import { anchorLine } from '../audit/anchors.js'
import { type Link, START } from '../audit/chain.js'
import { redisAuditStore } from '../audit/store.js'
import { AuditTrail } from '../audit/trail.js'
import { TrailKeys } from '../audit/trail-keys.js'
import type { PolicyState } from '../change/policy-state.js'
import type { Milliseconds } from '../model/units.js'
import type { Finding } from '../record/findings.js'
import type { Clock, Timer } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { messageOf } from '../runtime/errors.js'
import { jsonOrNull } from '../runtime/json.js'
import { LAST_WORDS } from '../runtime/limits.js'
import type { Logger } from '../runtime/log.js'
import type { Redis } from '../runtime/redis.js'
import { SerialQueue } from '../runtime/serial-queue.js'
import { sendSyslog } from '../runtime/syslog.js'
import { writeWholeAside } from '../runtime/whole-file.js'
import * as z from '../runtime/zod.js'

const LOOK: Milliseconds = 10_000
const AT_REST: Milliseconds = 3_600_000
const MARK_FILE = 'audit-head.json'

export interface TrailParts {
  readonly settings: Pick<Settings, 'audit' | 'data'>
  readonly durable: Redis
  readonly plane: string
  /** Absent: what this controller remembers. */
  readonly known?: Link
  readonly clock: Clock
  readonly log: Logger
}

/** @throws MizaniError CREDENTIALS, SECRET_FILE for a key file that will not do; STORE_UNAVAILABLE. */
export async function openTrail(parts: TrailParts): Promise<AuditTrail> {
  const { settings, durable, plane, clock, log } = parts
  const store = redisAuditStore({ redis: durable, plane })
  const { key: file, peers } = settings.audit
  const keys = TrailKeys.open({ file, peers }, (await store.ends()).head, clock.wall())
  const known = parts.known ?? readMark(settings.data, plane)
  return new AuditTrail({ store, plane, keys, known, clock, log })
}

const markSchema = z.object({ plane: z.string(), n: z.int(), hash: z.string() })

/** Where the trail ended when this controller looked last, whatever became of the store since. */
export function readMark(data: string, plane: string): Link {
  let text = ''
  try {
    text = readFileSync(join(data, MARK_FILE), 'utf8')
  } catch {
    // A first start.
  }
  const { data: mark } = markSchema.safeParse(jsonOrNull(text))
  return mark?.plane === plane ? { n: mark.n, hash: mark.hash } : START
}

export interface Telling extends Timer {
  /** Looks now; false: some place did not take it. */
  tell(): Promise<boolean>
  findings(): Finding[]
}

/** Tells the end of the trail to the outside until it is cancelled. */
export function keepTelling(
  trail: AuditTrail,
  { settings, clock, log }: Pick<TrailParts, 'settings' | 'clock' | 'log'>,
): Telling {
  const { anchorFile, syslog } = settings.audit
  const places: [string, (line: string) => Promise<void>][] = []
  if (anchorFile !== null) places.push([anchorFile, (line) => addAnchor(anchorFile, line)])
  if (syslog !== null) {
    const send = (line: string) => sendSyslog(syslog, { at: clock.wall(), kind: 'audit-head', text: line })
    places.push([`syslog ${syslog.host}:${syslog.port}`, send])
  }
  if (anchorFile !== null && canRewrite(anchorFile))
    log.warn({ file: anchorFile }, 'this process could rewrite what it tells of the audit: chattr +a would prevent it')
  const failing = new Map<string, string>()
  const turns = new SerialQueue()
  let told: Link | null = null
  let toldAt = clock.monotonic()
  let timer: Timer | null = clock.setTimer(LOOK, again)

  async function tell(): Promise<boolean> {
    await attempt('audit key', failing, log, () => trail.keys.reread?.())
    const head = await trail.head()
    const isDue = told === null || told.hash !== head.hash || clock.monotonic() - toldAt >= AT_REST || failing.size > 0
    if (!isDue || head.n === 0) return true
    const { plane, waiting, lost } = trail
    log.info({ ...head, waiting, lost }, 'head of the audit')
    await attempt(MARK_FILE, failing, log, () =>
      writeWholeAside(join(settings.data, MARK_FILE), JSON.stringify({ plane, ...head })),
    )
    const line = anchorLine({ plane, ...head, signature: trail.keys.sign(head) })
    for (const [place, add] of places) {
      try {
        await add(line)
        failing.delete(place)
      } catch (error) {
        const reason = messageOf(error)
        if (failing.get(place) !== reason)
          log.warn({ place, reason }, 'the end of the audit is not told to the outside')
        failing.set(place, reason)
      }
    }
    told = head
    toldAt = clock.monotonic()
    return failing.size === 0
  }

  function again(): void {
    turns
      .run(tell)
      .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'the end of the audit could not be read'))
      .finally(() => {
        if (timer !== null) timer = clock.setTimer(LOOK, again)
      })
  }

  return {
    tell: () => turns.run(tell),
    findings: () =>
      [...failing.keys()].map((place) => ({ code: 'AUDIT_ANCHOR', subject: place, cause: place, region: null })),
    cancel() {
      timer?.cancel()
      timer = null
    },
  }
}

/** What fails here does not keep the end from being told, and is told itself. */
async function attempt(
  what: string,
  failing: Map<string, string>,
  log: Logger,
  work: () => Promise<void> | void,
): Promise<void> {
  try {
    await work()
    failing.delete(what)
  } catch (error) {
    const reason = messageOf(error)
    if (failing.get(what) !== reason) log.warn({ what, reason }, 'the end of the audit is told as it was known before')
    failing.set(what, reason)
  }
}

/** A revert that is under way is told of before the trail ends; all together have as long as last words may take. */
export async function endTrail(trail: AuditTrail, telling: Telling, policy: PolicyState, clock: Clock): Promise<void> {
  const end = clock.monotonic() + LAST_WORDS
  const left = (): Milliseconds => Math.max(0, end - clock.monotonic())
  telling.cancel()
  await policy.settled(LAST_WORDS)
  await trail.close(left())
  // Whoever cuts the trail off while nothing runs is found by this.
  const late = new AbortController()
  const last = telling.tell().catch(() => false) // a store that is away: said when it went away
  await Promise.race([last, clock.sleep(left(), late.signal)])
  late.abort()
}
