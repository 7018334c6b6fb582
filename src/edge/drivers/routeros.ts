// routeros: simple queues of a MikroTik router, set over its REST interface (RouterOS 7.1 and later, HTTPS with basic
// authentication). One queue an institution, whose target is all its prefixes:
//
//   GET    /rest/queue/simple                    every queue, with its counters
//   PUT    /rest/queue/simple          {…}       makes one
//   PATCH  /rest/queue/simple/*1A      {…}       changes one
//   DELETE /rest/queue/simple/*1A                removes one
//
// All values are strings; pairs are "upload/download". Only queues with our comment are touched. A router matches the
// first queue that fits, so a foreign one that covers our prefixes and stands before ours refuses `enforce`. The list
// is read with every tick for its counters, and what others have changed in it is noticed then.
//
// FastTrack takes connections past all simple queues. Its rules are of the firewall and left alone, and named:
//
//   GET    /rest/ip/firewall/filter?action=fasttrack-connection
//
// Experimental: written from the documents of the vendor, never run on a router. Sources: help.mikrotik.com, "REST API"
// and "Queues"; burst-limit stays 0, because it is an average-based boost and not the depth of a bucket, which is
// bucket-size (in seconds of max-limit).
//
// What it cannot express is in `CANNOT`, and every probe says it.

import ipaddr from 'ipaddr.js'
import type { EdgeProfile, LeafCounters, Refusal } from '../../model/lease.js'
import { type Milliseconds, toSeconds } from '../../model/units.js'
import type { Clock } from '../../runtime/clock.js'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import type { HttpAnswer, HttpClient } from '../../runtime/http-call.js'
import * as z from '../../runtime/zod.js'
import {
  type ApplyResult,
  type Capabilities,
  type Desired,
  type Driver,
  type Escape,
  isShaped,
  type Operation,
  type Stats,
} from '../driver.js'
import { type InstitutionRates, institutionRates, openService, plainClass } from './institution-rates.js'

export interface RouterOsOptions {
  /** To the router, `https://…` */
  readonly http: HttpClient
  readonly user: string
  readonly password: string
  readonly clock: Clock
  /** Breaks off what the router does not answer. */
  readonly ending?: AbortSignal
}

const CANNOT = [
  'services apart: an institution is limited as a whole, and its traffic is counted as that of the open service',
  'classes inside a flow, and their weights',
  'unmapped traffic: it is neither limited nor counted',
]

const QUEUES = '/rest/queue/simple'
const PATIENCE: Milliseconds = 10_000
const MOST = 16 * 1024 * 1024
const MARK = /^mizani (\d+)$/
/** Seconds of max-limit that the bucket holds; what the vendor allows at most is 10. */
const BUCKET = '0.01/0.01'
/** RouterOS: no limit. */
const UNLIMITED = '0/0'

const queueShape = z.looseObject({
  '.id': z.string(),
  name: z.string(),
  target: z.string().default(''),
  'max-limit': z.string().default(UNLIMITED),
  comment: z.string().default(''),
  disabled: z.string().default('false'),
  bytes: z.string().default('0/0'),
  packets: z.string().default('0/0'),
  dropped: z.string().default('0/0'),
  'queued-bytes': z.string().default('0/0'),
})
type Queue = z.infer<typeof queueShape>

const FAST_TRACK = '/rest/ip/firewall/filter?action=fasttrack-connection'
const ruleShape = z.looseObject({
  '.id': z.string(),
  disabled: z.string().default('false'),
  comment: z.string().default(''),
  bytes: z.string().default('0'),
})

/** What a queue of ours says, as it is written. */
interface Wanted {
  readonly name: string
  readonly target: string
  readonly 'max-limit': string
  readonly comment: string
}

interface Step extends Operation {
  /** Null: it is for a person to do. */
  readonly call: null | { readonly method: 'PUT' | 'PATCH' | 'DELETE'; readonly path: string; readonly body?: object }
}

export function createRouterOs(options: RouterOsOptions): Driver<readonly Queue[]> {
  const { http, clock } = options
  const call = restOf(options)
  const counters = createQueueCounters(clock)
  const fastTracks = fastTrackOf(call)
  let inForce: Desired | null = null
  let isWriting = false
  let changed: (what: string) => void = () => {}

  const send = async ({ call: to }: Step): Promise<unknown> => to && call(to.method, to.path, to.body)
  const read = async (): Promise<readonly Queue[]> => z.array(queueShape).parse(await call('GET', QUEUES))

  return {
    name: 'routeros',
    simulated: false,
    sitesOnly: true,
    probe: () => probed(call, fastTracks),
    observe: read,
    plan(desired, queues) {
      const steps = planQueues(desired, queues)
      if (steps.length === 0) inForce = desired
      return steps
    },
    async apply(operations, desired): Promise<ApplyResult> {
      const shadow = shadowing(desired, await read())
      if (shadow) return { applied: 0, refusal: shadow }
      isWriting = true
      let applied = 0
      try {
        // One request a queue; the order is the plan's, and the first that fails ends it: the rest is planned anew.
        for (const operation of operations) {
          // Operations come from planQueues alone.
          await send(operation as Step)
          applied++
        }
      } finally {
        isWriting = false
      }
      inForce = desired
      return { applied, refusal: null }
    },
    async stats(): Promise<Stats> {
      const [stood, wasWriting] = [inForce, isWriting]
      const queues = await read()
      const isOurs = wasWriting || isWriting || stood !== inForce
      const [drift] = isOurs || stood === null ? [] : planQueues(stood, queues)
      if (drift) changed(drift.text)
      return counters.read(queues, inForce?.profile ?? null)
    },
    watch(tell) {
      changed = tell
    },
    surroundings: async () => ({ escapes: await fastTracks(), uncounted: null }),
    removal: {
      plan: (queues) => queues.filter((queue) => indexOf(queue) !== null).map(removed),
      async carryOut(operations) {
        // Operations come from the plan above.
        for (const operation of operations) await send(operation as Step)
        const left = (await read()).filter((queue) => indexOf(queue) !== null)
        return left.length === 0 ? null : { code: 'DRIVER', detail: `${left.length} queues of ours are still there` }
      },
    },
    close: async () => http.close(),
  }
}

type Call = (method: 'GET' | NonNullable<Step['call']>['method'], path: string, body?: object) => Promise<unknown>

function restOf({ http, user, password, ending }: RouterOsOptions): Call {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return async (method, path, body) => {
    const headers = { authorization, ...(body ? { 'content-type': 'application/json' } : {}) }
    const text = { ...(body && { body: JSON.stringify(body) }), ...(ending && { signal: ending }) }
    const answer = await http.call(path, { method, headers, silence: PATIENCE, most: MOST, ...text }).catch(unreached)
    if (answer.status >= 200 && answer.status < 300) return parsed(answer)
    throw new MizaniError({ code: 'DEVICE', message: `${method} ${path}: ${refusalText(answer)}`, remedy: 'retry' })
  }
}

async function probed(call: Call, fastTracks: () => Promise<Escape[]>): Promise<Capabilities> {
  const facts = { device: 'RouterOS over REST (experimental)', cannot: CANNOT.join('; ') }
  try {
    const resource = await call('GET', '/rest/system/resource')
    const { version } = z.looseObject({ version: z.string() }).parse(resource)
    const obstacles = (await fastTracks()).map(({ found }) => `${found}: disable it, or no limit holds there`)
    return { facts: { ...facts, version }, obstacles }
  } catch (error) {
    return { facts, obstacles: [messageOf(error)] }
  }
}

/** The rules that are on, and whether they have taken something since they were asked for last. */
function fastTrackOf(call: Call): () => Promise<Escape[]> {
  let taken = new Map<string, number>()
  return async () => {
    const rules = z.array(ruleShape).parse(await call('GET', FAST_TRACK))
    const on = rules.filter(({ disabled }) => disabled !== 'true')
    const before = taken
    taken = new Map(on.map((rule) => [rule['.id'], Number(rule.bytes)]))
    return on.map(({ '.id': id, comment, bytes }) => {
      const name = comment === '' ? id : `${id} (${comment})`
      const found = `rule ${name} of the firewall's filter takes connections past all simple queues (FastTrack)`
      return { code: 'FASTTRACK', subject: id, found, used: Number(bytes) > (before.get(id) ?? Number(bytes)) }
    })
  }
}

/** Pure: what takes the queues to what is desired. Sources of the fields: see above. */
function planQueues(desired: Desired, queues: readonly Queue[]): readonly Step[] {
  const deletes: Step[] = []
  const decreases: Step[] = []
  const adds: Step[] = []
  const increases: Step[] = []
  const ours = new Map<number, Queue>()
  const wanted = new Map(
    institutionRates(desired).flatMap((rates) => (rates.prefixes.length > 0 ? [[rates.index, rates] as const] : [])),
  )
  for (const queue of queues) {
    const index = indexOf(queue)
    if (index === null) continue
    if (wanted.has(index) && !ours.has(index)) ours.set(index, queue)
    else deletes.push(removed(queue))
  }
  for (const [index, rates] of wanted) {
    const next = queueFor(rates, isShaped(desired, index))
    const queue = ours.get(index)
    const text = `${next.name} target=${next.target} max-limit=${next['max-limit']}`
    if (!queue) {
      const body = { ...next, 'bucket-size': BUCKET, priority: '8/8' }
      adds.push({ kind: 'add', text: `add ${text}`, call: { method: 'PUT', path: QUEUES, body } })
      continue
    }
    const changes = changesTo(queue, next)
    if (Object.keys(changes).length === 0) continue
    const grows = limitOf(next['max-limit'], 0) + limitOf(next['max-limit'], 1)
    const stood = limitOf(queue['max-limit'], 0) + limitOf(queue['max-limit'], 1)
    if (grows < stood) decreases.push(step('decrease', `set ${text}`, 'PATCH', queue, changes))
    else increases.push(step('increase', `set ${text}`, 'PATCH', queue, changes))
  }
  const shadow = shadowing(desired, queues)
  const aside: Step[] = shadow ? [{ kind: 'filter', text: shadow.detail, call: null }] : []
  return [...deletes, ...decreases, ...adds, ...increases, ...aside]
}

const step = (kind: Step['kind'], text: string, method: 'PATCH' | 'DELETE', queue: Queue, body?: object): Step => ({
  ...{ kind, text },
  call: { method, path: `${QUEUES}/${queue['.id']}`, ...(body ? { body } : {}) },
})

const removed = (queue: Queue): Step => step('delete', `remove ${queue.name}`, 'DELETE', queue)

const queueFor = ({ index, id, prefixes, up, down }: InstitutionRates, limited: boolean): Wanted => ({
  name: `mizani-${id}`,
  target: prefixes.join(','),
  'max-limit': limited ? `${up}/${down}` : UNLIMITED,
  comment: `mizani ${index}`,
})

function changesTo(queue: Queue, next: Wanted): Partial<Record<string, string>> {
  const changes: Record<string, string> = {}
  if (queue.name !== next.name) changes.name = next.name
  if (targetsOf(queue.target).join(',') !== targetsOf(next.target).join(',')) changes.target = next.target
  const differs = [0, 1].some((side) => limitOf(queue['max-limit'], side) !== limitOf(next['max-limit'], side))
  if (differs) changes['max-limit'] = next['max-limit']
  if (queue.disabled === 'true') changes.disabled = 'false'
  return changes
}

function indexOf({ comment }: Queue): number | null {
  const [, index] = MARK.exec(comment) ?? []
  return index === undefined ? null : Number(index)
}

const SCALE: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 }

/** bit/s of one side of "20M/100M"; no limit is Infinity. */
function limitOf(pair: string, side: number): number {
  const [, number = '0', unit = ''] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(pair.split('/')[side]?.trim() ?? '') ?? []
  return Number(number) * SCALE[unit]! || Number.POSITIVE_INFINITY
}

/** As a router shows them: single addresses may come without their length. */
const targetsOf = (target: string): string[] =>
  target
    .split(',')
    .filter((text) => text !== '')
    .map((text) => (text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`))
    .sort()

/** A queue of others that stands before one of ours and would take its traffic. */
function shadowing(desired: Desired, queues: readonly Queue[]): Refusal | null {
  if (desired.enforcement !== 'enforce') return null
  const last = queues.findLastIndex((queue) => indexOf(queue) !== null)
  const before = last < 0 ? queues : queues.slice(0, last)
  const ours = institutionRates(desired).flatMap(({ prefixes }) => prefixes)
  for (const queue of before) {
    if (indexOf(queue) !== null || queue.disabled === 'true') continue
    const covered = ours.find((prefix) => targetsOf(queue.target).some((target) => overlap(target, prefix)))
    if (covered === undefined) continue
    const detail = `queue "${queue.name}" stands before ours and takes ${covered}: move it behind, or disable it`
    return { code: 'FOREIGN_QDISC', detail }
  }
  return null
}

function overlap(a: string, b: string): boolean {
  if (!ipaddr.isValidCIDR(a) || !ipaddr.isValidCIDR(b)) return false
  const [one, bits] = ipaddr.parseCIDR(a)
  const [other, otherBits] = ipaddr.parseCIDR(b)
  return one.kind() === other.kind() && one.match(other, Math.min(bits, otherBits))
}

// ---- counters

/** A router counts from 0 again when a queue was made anew or the router restarted; then the generation rises. */
function createQueueCounters(clock: Clock): { read(queues: readonly Queue[], profile: EdgeProfile | null): Stats } {
  let generation = Math.floor(toSeconds(clock.wall()))
  let seen = new Map<number, number>()
  return {
    read(queues, profile) {
      const leaves: LeafCounters[] = []
      const now = new Map<number, number>()
      const service = openService(profile)
      const trafficClass = plainClass(profile)
      for (const queue of queues) {
        const institution = indexOf(queue)
        if (institution === null) continue
        for (const direction of [0, 1] as const) {
          // Pairs are upload/download.
          const side = direction === 0 ? 1 : 0
          const number = (pair: string): number => Number(pair.split('/')[side] ?? 0) || 0
          const bytes = number(queue.bytes)
          const counts = {
            packets: number(queue.packets),
            drops: number(queue.dropped),
            backlog: number(queue['queued-bytes']),
          }
          leaves.push({ institution, service, direction, class: trafficClass, bytes, ...counts })
          now.set(institution * 2 + direction, bytes)
        }
      }
      if ([...now].some(([key, bytes]) => bytes < (seen.get(key) ?? 0))) generation++
      seen = now
      return { generation, leaves }
    },
  }
}

// ---- answers

function unreached(error: unknown): never {
  const why = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
  throw new MizaniError({ code: 'DEVICE', message: `The router does not answer: ${why}.`, cause: error })
}

function parsed({ body }: HttpAnswer): unknown {
  if (body.length === 0) return null
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new MizaniError({ code: 'DEVICE', message: 'The router answered something that is not JSON.' })
  }
}

const errorShape = z.looseObject({ message: z.string(), detail: z.string().optional() })

function refusalText(answer: HttpAnswer): string {
  const error = errorShape.safeParse(safely(() => parsed(answer)))
  const words = error.success ? [error.data.message, error.data.detail].filter((word) => word !== undefined) : []
  return [`the router answered ${answer.status}`, ...words].join(', ')
}

function safely(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return null
  }
}
