// radius-coa: rates pushed into running sessions of an access server, as changes of authorization (RFC 5176). One
// session a site; a setting says by which attributes it is known (radius-session.ts). An institution's rates are
// divided over its sites by their access lines. Where the access server tells of its sessions (radius-accounting.ts),
// one that begins is told at once.
//
// A request that is not answered is sent again, the same bytes from the same port (RFC 5176, section 2.3; RFC 5080,
// section 2.2.1), each time after twice the wait. An answer that is not signed, or not an answer to this, is discarded
// as if it had not come; a server that leaves out Message-Authenticator is told of (FreeRADIUS puts one in by `update
// reply { Message-Authenticator := 0x00 }`). A NAK says why (Error-Cause); sites that took their rates keep them.
//
// Rates go out as Mikrotik-Rate-Limit (vendor 14988, attribute 8: "rx/tx" in bit/s as the router sees it, rx being the
// client's upload) and WISPr-Bandwidth-Max-Up and -Max-Down (vendor 14122, attributes 7 and 8, bit/s in 32 bits).
//
// Experimental: tested against FreeRADIUS, never on an access server. What it cannot do is in `CANNOT`.

import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import type { Refusal } from '../../model/lease.js'
import { type BitsPerSecond, type Milliseconds, toSeconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { messageOf } from '../../runtime/errors.js'
import { type ApplyResult, type Desired, type Driver, isShaped, type Operation } from '../driver.js'
import { institutionRates, partOf } from './institution-rates.js'
import { type Accounting, type AccountingOptions, listenForAccounting, type SessionTold } from './radius-accounting.js'
import {
  type Attribute,
  attribute,
  type CoaAnswer,
  decodeCoaAnswer,
  encodeCoaRequest,
  integer,
  TYPE,
  vendorAttribute,
} from './radius-packet.js'
import { SESSION_UNLESS_SAID, type SessionOf, sessionsBy, wordsOf } from './radius-session.js'

export interface RadiusCoaOptions {
  readonly host: string
  /** 3799 by RFC 5176. */
  readonly port: number
  readonly secret: string
  readonly clock: Clock
  /** By which attributes a session is known; absent: its User-Name is the site's id. */
  readonly session?: string
  /** Where the access server tells of its sessions; absent: it does not. */
  readonly accounting?: Omit<AccountingOptions, 'secret' | 'clock'>
  /** Nobody is asked again from then on. */
  readonly ending?: AbortSignal
}

const CANNOT = [
  'reading back: what was acknowledged is taken as in force, and after a restart everything is sent again',
  'counters: demand is not measured here',
  'services, classes, guarantees: a session has one rate in each direction',
]
const UNHEARD =
  'a session that comes back is not told again by itself (edge.device.accounting hears of it); a site whose session ' +
  'is down: its change is refused until the session is up again'
const HEARD = 'a site whose session is down: its change is refused until accounting says that it is up'

const MIKROTIK = 14_988
const MIKROTIK_RATE_LIMIT = 8
const WISPR = 14_122
const WISPR_MAX_UP = 7
const WISPR_MAX_DOWN = 8
/** WISPr counts bit/s in 32 bits. */
const WISPR_MOST: BitsPerSecond = 0xffffffff
const FIRST_WAIT: Milliseconds = 1_000
const TRIES = 5

const SILENCE = `does not answer (${TRIES} requests)`
const UNSIGNED = 'answers without Message-Authenticator, which anybody could forge: have it send one'

/** What one session was told. */
interface Told {
  readonly down: BitsPerSecond | null
  readonly up: BitsPerSecond | null
}
/** By site. */
export type Sessions = ReadonlyMap<string, Told>

interface Step extends Operation {
  readonly site: string
  /** By which its session is known, or why it is not. */
  readonly session: readonly Attribute[] | string
  readonly told: Told
}

/** A site as accounting knows it. */
interface Known {
  readonly words: readonly string[]
  /** Of the session that was there last; null: none was told of. */
  lastId: string | null
}

/** Whether its session is another one than before; one that goes on under another id has begun unheard. */
function hasBegun(one: Known, { event, id, words }: SessionTold): boolean {
  if (event === 'on') return true
  if (!one.words.every((word) => words.has(word))) return false
  const isOther = one.lastId !== null && one.lastId !== id
  one.lastId = id
  return event === 'start' || isOther
}

export function createRadiusCoa(options: RadiusCoaOptions): Driver<Sessions> {
  const { host, port, secret, clock } = options
  const sessionOf = sessionsBy(options.session ?? SESSION_UNLESS_SAID)
  const sessions = new Map<string, Told>()
  const known = new Map<string, Known>()
  let accounting: Accounting | null = null
  /** Of whom an answer is waited for; a session that begins meanwhile may not be the one that answers. */
  let asked: { readonly site: string; hasBegun: boolean } | null = null
  let identifier = 0

  async function change({ site, session, told }: Step): Promise<string | null> {
    if (typeof session === 'string') return `${site}: ${session}`
    known.set(site, { words: wordsOf(session), lastId: known.get(site)?.lastId ?? null })
    identifier = (identifier + 1) % 256
    const at = Math.floor(toSeconds(clock.wall()))
    const request = encodeCoaRequest(identifier, attributesFor(session, told, at), secret)
    const turn = { site, hasBegun: false }
    asked = turn
    const answer = await send(request, options).catch((error: unknown) => `${site}: ${messageOf(error)}`)
    if (typeof answer === 'string') return answer
    if (answer.code === 'nak') return `${site}: refused, ${answer.cause}`
    if (!turn.hasBegun) sessions.set(site, told)
    return null
  }

  return {
    name: 'radius-coa',
    simulated: false,
    sitesOnly: true,
    async probe() {
      const cannot = [...CANNOT, options.accounting ? HEARD : UNHEARD].join('; ')
      const facts = { device: `${host} port ${port} by RADIUS CoA (experimental)`, cannot }
      const obstacles = secret === '' ? ['there is no shared secret: set MIZANI_DEVICE_SECRET_FILE'] : []
      if (accounting?.obstacle) obstacles.push(accounting.obstacle)
      return { facts, obstacles }
    },
    observe: async () => new Map(sessions),
    plan: (desired, told) => planSessions(desired, told, sessionOf),
    async apply(operations): Promise<ApplyResult> {
      const failed: string[] = []
      let applied = 0
      for (const operation of operations) {
        // Operations come from planSessions alone.
        const complaint = await change(operation as Step)
        if (complaint === null) applied++
        else failed.push(complaint)
        // It would be the same with the others, and each would take half a minute to find out.
        if (complaint === SILENCE || complaint === UNSIGNED) break
      }
      return { applied, refusal: refusalOf(failed, `${host} port ${port}`) }
    },
    stats: async () => ({ generation: 0, leaves: [] }),
    watch(_changed, _moved, again) {
      if (!options.accounting) return
      accounting = listenForAccounting({ ...options.accounting, secret, clock }, (session) => {
        const back = [...known].filter(([, one]) => hasBegun(one, session))
        for (const [site] of back) sessions.delete(site)
        if (asked && back.some(([site]) => site === asked?.site)) asked.hasBegun = true
        if (back.length > 0) again()
      })
    },
    close: async () => accounting?.close(),
  }
}

function refusalOf(failed: readonly string[], device: string): Refusal | null {
  const [first, ...others] = failed
  if (first === undefined) return null
  const words = first === SILENCE || first === UNSIGNED ? `${device} ${first}` : first
  return { code: 'DRIVER', detail: others.length > 0 ? `${words} (and ${others.length} more)` : words }
}

/** Its answer, or what there was instead of one. */
async function send(
  request: Buffer,
  { host, port, secret, clock, ending }: RadiusCoaOptions,
): Promise<CoaAnswer | typeof SILENCE | typeof UNSIGNED> {
  const { address, family } = await lookup(host)
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  const answered = new AbortController()
  let answer: CoaAnswer | null = null
  let otherwise: typeof SILENCE | typeof UNSIGNED = SILENCE
  let failure: Error | null = null
  socket.on('message', (bytes) => {
    const said = decodeCoaAnswer(bytes, request, secret)
    if (said === 'unsigned') otherwise = UNSIGNED
    else if (said !== null) {
      answer ??= said
      answered.abort()
    }
  })
  socket.on('error', (error) => {
    failure = error
    answered.abort()
  })
  try {
    // Connected: answers from elsewhere do not reach us, and a port that nobody holds is told at once. That there is no
    // way to it, or no socket left, is told in either of two ways.
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.connect(port, address, (error?: Error) => (error ? reject(error) : resolve()))
    })
    const over = ending === undefined ? answered.signal : AbortSignal.any([answered.signal, ending])
    for (let tries = 0; tries < TRIES && !over.aborted; tries++) {
      socket.send(request)
      await clock.sleep(FIRST_WAIT * 2 ** tries, over)
    }
  } finally {
    socket.close()
  }
  if (failure) throw failure
  return answer ?? otherwise
}

/** Pure: decreases first. */
function planSessions(desired: Desired, sessions: Sessions, sessionOf: SessionOf): readonly Step[] {
  const steps: Step[] = []
  for (const rated of institutionRates(desired)) {
    const isLimited = isShaped(desired, rated.index)
    for (const site of rated.sites) {
      const told: Told = {
        down: isLimited ? partOf(rated, site, 'down', rated.down) : null,
        up: isLimited ? partOf(rated, site, 'up', rated.up) : null,
      }
      const before = sessions.get(site.id)
      if (before && before.down === told.down && before.up === told.up) continue
      const words = (rate: BitsPerSecond | null): string => (rate === null ? 'not limited' : `${rate} bit/s`)
      const text = `${site.id}: down ${words(told.down)}, up ${words(told.up)}`
      steps.push({
        kind: before ? (sum(told) < sum(before) ? 'decrease' : 'increase') : 'add',
        ...{ text, site: site.id, session: sessionOf(site, rated.id), told },
      })
    }
  }
  const order = ['decrease', 'add', 'increase']
  return steps.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

const sum = ({ down, up }: Told): number => (down ?? Number.POSITIVE_INFINITY) + (up ?? Number.POSITIVE_INFINITY)

/** Of the request that gives a session its rates; `at` in Unix seconds, against replays. */
export function attributesFor(session: readonly Attribute[], { down, up }: Told, at: number): readonly Attribute[] {
  const most = (rate: BitsPerSecond | null): Buffer => integer(Math.min(rate ?? WISPR_MOST, WISPR_MOST))
  return [
    ...session,
    attribute(TYPE.eventTimestamp, integer(at)),
    vendorAttribute(MIKROTIK, MIKROTIK_RATE_LIMIT, `${up ?? 0}/${down ?? 0}`),
    vendorAttribute(WISPR, WISPR_MAX_UP, most(up)),
    vendorAttribute(WISPR, WISPR_MAX_DOWN, most(down)),
  ]
}
