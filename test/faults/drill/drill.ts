// The drill: everybody who may come in tries everything that the router, the stores and the files offer, against a
// running product, from a seeded grammar; then the durable store itself is asked what is another than before. What each
// could change is held against the table in SECURITY.md, word by word: a role that can do more than is written there is
// a hole, and one that can do less is a page that is not true.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { examplesAt } from '../../../src/api/examples.js'
import { runningStore } from '../../../src/runtime/private-redis.js'
import { connect, type Redis, untilReady } from '../../../src/runtime/redis.js'
import { keys } from '../../../src/wire/redis-keys.js'
import { Caller } from '../../harness/caller.js'
import type { Ending } from '../../harness/place.js'
import { Program } from '../../harness/program.js'
import { ROOT } from '../../harness/root.js'
import { until } from '../../harness/until.js'
import type { Random } from '../model/random.js'
import { drillPlane, PLANE } from './plane.js'

/** Who tries: the roles, an officer with a scope, and nobody in particular. */
export const ACTORS = [
  ...[
    'nobody',
    'viewer',
    'auditor',
    'monitor',
    'edge',
    'scoped officer',
    'operator',
    'engineer',
    'planner',
    'finance',
    'member',
    'approver',
  ],
  ...['break-glass', 'admin'],
] as const
export type ActorName = (typeof ACTORS)[number]

/** What there is to change, by the names of the table. */
type Area = string
type Snapshot = ReadonlyMap<string, string>

const GIVEN = 'embe la kwanza 1964'
const PASSWORD = 'maji ya kunde 1961'
const SCOPE = {
  ...{ regions: ['dodoma'] },
  budget: { institutions: 50, tiers: ['basic', 'hospital'], guarantee: 1e9, ceiling: 1e9 },
}
const SCOPES: Readonly<Partial<Record<ActorName, object>>> = {
  'scoped officer': SCOPE,
  member: { institutions: ['chuo-dodoma'], reads: 'scope' },
}
const HOUR = 3_600_000
/** Of ten minutes in which something may be done in person; a drill of one actor takes less than the rest. */
const FRESH = 240_000
/** Who has other roles than the name says. */
const ROLES_OF: Readonly<Partial<Record<ActorName, readonly string[]>>> = {
  'scoped officer': ['operator'],
  // A role besides the route's own.
  'break-glass': ['operator', 'break-glass'],
}

/** Fields of the register by area; what the machine writes by itself is not looked at. */
const REGISTER: Readonly<Record<string, Area>> = {
  ...{ override: 'overrides', mode: 'modes', link: 'link states', freeze: 'freeze', proposal: 'proposals' },
  ...{ confirmed: 'policy', unsigned: 'signatures', edge: 'static edges', drain: 'drains' },
  replacement: 'accounts of edges',
  ...{ seen: 'alarms', answers: 'answers about sheets' },
}

export interface Found {
  readonly actor: ActorName
  readonly changed: readonly Area[]
  /** Requests that were answered with success, by operation. */
  readonly taken: readonly string[]
  readonly acts: number
}

/** `hasty`: past approval, where that can be said. */
interface How {
  readonly hasty: boolean
  /** As the description of the API shows it. */
  readonly byTheBook: boolean
}

interface Described {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
}

/** Signs in as a person does who was told to wait: so many roles share an address, and its tries are limited. */
async function signIn(caller: Caller, said: object): Promise<void> {
  let status = 0
  await until(
    async () => {
      const answer = await caller.call('POST', '/v1/session', said)
      status = answer.status
      return status !== 429
    },
    'signed in',
    1_000,
  )
  if (status >= 300) throw new Error(`sign-in: ${status}`)
}

export class Drill {
  readonly #up: Program
  readonly #data: string
  readonly #random: Random
  readonly #machine: Caller
  readonly #redis: Redis
  readonly #callers = new Map<ActorName, Caller>()
  /** With the names that each takes in its query. */
  readonly #operations = new Map<string, ReadonlySet<string>>()
  readonly #signedIn = new Map<string, number>()
  #original: Readonly<Record<string, unknown>> = {}
  /** A second person, who brings the plane back between two that try. */
  readonly #settler: Caller
  #edgeStore: { readonly redis: Redis } | null = null

  private constructor(up: Program, data: string, random: Random, redis: Redis) {
    this.#up = up
    this.#data = data
    this.#random = random
    this.#redis = redis
    this.#settler = new Caller(() => up.url)
    this.#machine = new Caller(() => up.url, readFileSync(join(data, 'cli-token'), 'utf8').trim())
  }

  static async start(folder: string, random: Random, ending: Ending): Promise<Drill> {
    const { plane, data, settings } = await drillPlane(folder)
    const env = { MIZANI_DATA: data, MIZANI_CONFIG: settings }
    const up = await new Program(['up', '--port', '0', '--no-demo', '--plane', plane], ending, { env }).ready()
    const redis = connect((await runningStore(data, 'durable', 'supervisor'))!, 'supervisor')
    ending.teardown(() => redis.disconnect())
    await untilReady(redis, 5_000)
    const drill = new Drill(up, data, random, redis)
    await drill.#people(ending)
    const { paths } = await drill.#machine.get<{ paths: Record<string, Record<string, Described>> }>('/openapi.json')
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { parameters = [] }] of Object.entries(methods)) {
        // Who signs out, or changes the own password, changes what is theirs alone.
        if (method === 'get' || /^\/v1\/(?:session|me)\b|\/demo\//.test(path)) continue
        const query = parameters.flatMap((one) => (one.in === 'query' ? [one.name] : []))
        drill.#operations.set(`${method.toUpperCase()} ${path}`, new Set(query))
      }
    return drill
  }

  async #people(ending: Ending): Promise<void> {
    const owner = new Caller(() => this.#up.url)
    const secret = readFileSync(join(this.#data, 'first-sign-in'), 'utf8').trim().split('/').at(-1)
    await signIn(owner, { user: 'mwenyeji', password: PASSWORD, secret })
    const persons = ACTORS.filter((name) => name !== 'nobody' && name !== 'edge')
    for (const name of persons) {
      const roles = ROLES_OF[name] ?? [name]
      const id = idOf(name)
      await this.#machine.post('/v1/users', {
        id,
        roles,
        scope: SCOPES[name] ?? null,
        password: GIVEN,
      })
      const caller = new Caller(() => this.#up.url)
      await signIn(caller, { user: id, password: GIVEN })
      await caller.post('/v1/me/password', { present: GIVEN, password: PASSWORD })
      this.#callers.set(name, caller)
    }
    await this.#machine.post('/v1/users', { id: 'maker', roles: ['operator', 'monitor'], scope: null, password: null })
    const settler = { id: 'settler', roles: ['operator', 'approver'], scope: null, password: GIVEN }
    await this.#machine.post('/v1/users', settler)
    await signIn(this.#settler, { user: 'settler', password: GIVEN })
    await this.#settler.post('/v1/me/password', { present: GIVEN, password: PASSWORD })
    // For the first approver the owner of the machine vouches, then one approver for another.
    await this.#machine.post(`/v1/users/${idOf('approver')}/vouch`)
    await this.#machine.post(`/v1/users/${idOf('break-glass')}/vouch`)
    await this.#callers.get('approver')!.post('/v1/users/settler/vouch')
    this.#original = await this.#machine.get('/v1/policy')
    this.#callers.set('nobody', new Caller(() => this.#up.url, 'a-token-that-nobody-has-given-to-anybody'))
    const { token } = await this.#machine.post<{ token: string }>('/v1/edges/dodoma-1/account')
    type Credentials = { api: { token: string }; rates: { address: string } | null }
    const edge = await this.#machine.post<Credentials>('/v1/edges/dodoma-1/credentials', { token })
    this.#callers.set('edge', new Caller(() => this.#up.url, edge.api.token))
    if (edge.rates === null) return
    const redis = connect(edge.rates.address, 'edge-reader')
    ending.teardown(() => redis.disconnect())
    await untilReady(redis, 5_000)
    this.#edgeStore = { redis }
  }

  /** One of them tries each operation so many times, in an order of chance. */
  async tryAll(actor: ActorName, times: number): Promise<Found> {
    await this.#prepare()
    if (actor === 'approver') await this.#leaveUnsigned()
    const isPerson = actor !== 'nobody' && actor !== 'edge'
    if (isPerson) await this.#signIn(this.#callers.get(actor)!, idOf(actor))
    let before = await this.#snapshot(actor)
    const changed = new Set<Area>()
    const caller = this.#callers.get(actor)!
    const taken = new Set<string>()
    let acts = 0
    const act = async (name: string, how: How): Promise<void> => {
      acts++
      const { status } = await this.#act(caller, name, how)
      // Whoever has ended the own session goes on with another.
      if (status === 401 && isPerson) await this.#signIn(caller, idOf(actor))
      if (status >= 300) return
      taken.add(name)
      // At once: another act may undo it.
      const now = await this.#snapshot(actor)
      for (const area of differing(before, now)) changed.add(area)
      before = now
    }
    const all = [...this.#operations.keys()]
    // Once by the book, and past approval; what takes away from the others last. Then by chance.
    const isLate = (name: string): number => Number(/freeze|^DELETE \/v1\/policy/.test(name))
    for (const hasty of [false, true]) {
      const orderly = shuffled(all, this.#random).sort((a, b) => isLate(a) - isLate(b))
      for (const name of orderly) await act(name, { hasty, byTheBook: true })
    }
    for (let round = 0; round < times; round++)
      for (const name of shuffled(all, this.#random))
        await act(name, { hasty: this.#random.chance(0.25), byTheBook: false })
    for (const area of differing(before, await this.#snapshot(actor))) changed.add(area)
    if (actor === 'edge') for (const area of await this.#byStore()) changed.add(area)
    for (const area of this.#byFiles()) changed.add(area)
    return { actor, changed: [...changed].sort(), taken: [...taken].sort(), acts }
  }

  /** Something of everything is there to be changed. */
  async #prepare(): Promise<void> {
    const machine = this.#machine
    const reason = 'drill'
    await machine.call('POST', '/v1/unfreeze', { reason })
    await this.#restore()
    const until = new Date(Date.now() + HOUR).toISOString()
    const on = { link: this.#pick(['transit-a', 'transit-b']) }
    await machine.call('POST', '/v1/overrides', { patch: { on, factor: 0.9 }, until, reason })
    const ticket = String(Math.floor(this.#random.next() * 1e9))
    const changes = [
      { pointer: '/tiers/basic/services/internet/down/ceiling', after: `${51 + (Number(ticket) % 7)}Mbps` },
    ]
    await machine.call('POST', `/v1/proposals?reason=${reason}`, { changes })
    await machine.call('POST', '/v1/webhooks', { url: 'https://alarms.example.go.tz/x' })
    const member = this.#callers.get('member')!
    await this.#signIn(member, idOf('member'))
    await member.call('POST', '/v1/requests', { ceilings: { internet: `${31 + (Number(ticket) % 7)}Mbps` }, reason })
    await machine.call('POST', '/v1/users', { id: `v${ticket}`, roles: ['approver'], scope: null, password: GIVEN })
    await machine.call('POST', '/v1/tokens', { user: 'maker', name: 'x', roles: ['monitor'], expires: until })
  }

  /** The policy as it was, whatever others have made of it: what waits is settled, and two agree to go back. */
  async #restore(): Promise<void> {
    const [machine, settler] = [this.#machine, this.#settler]
    await this.#signIn(settler, 'settler')
    const { revision } = await machine.get<{ revision: number }>('/v1/status')
    await settler.call('POST', `/v1/policy/revisions/${revision}/confirm`, {})
    for (const field of Object.keys(await this.#redis.hgetall(keys(PLANE).register))) {
      const [kind, id = ''] = field.split(':')
      if (kind === 'unsigned') await settler.call('POST', `/v1/policy/revisions/${id}/sign`, {})
      if (kind === 'override') await machine.call('DELETE', `/v1/overrides/${id}`, { reason: 'drill' })
    }
    const present = await machine.get<Record<string, unknown>>('/v1/policy')
    const parts = Object.entries(this.#original).filter(
      ([part, is]) => JSON.stringify(is) !== JSON.stringify(present[part]),
    )
    if (parts.length === 0) return
    const changes = parts.map(([part, after]) => ({ pointer: `/${part}`, after }))
    const made = await machine.call('POST', '/v1/proposals?reason=drill', { changes })
    const { id, state } = made.body as { id: string; state: string }
    if (state === 'open') await settler.post(`/v1/proposals/${id}/approve`, {})
    const { status, body } = await machine.call('POST', `/v1/proposals/${id}/commit?confirmWithin=0`, {})
    if (status >= 300) throw new Error(`the policy cannot be restored: ${JSON.stringify([made.body, body])}`)
  }

  /** A change past approval waits for its signature. */
  async #leaveUnsigned(): Promise<void> {
    const author = this.#callers.get('break-glass')!
    await this.#signIn(author, 'break-glass')
    const path = '/v1/policy/institutions/hosp-mbeya'
    const { body, etag } = await author.call('GET', path)
    const labels = { night: String(this.#random.next()) }
    const changed = { ...(body as object), labels }
    await author.call('PUT', `${path}?reason=drill&breakGlass=true`, changed, { etag })
  }

  /** Freshly: what is done in person is done soon after, and others may have ended the session. */
  async #signIn(caller: Caller, user: string): Promise<void> {
    const last = this.#signedIn.get(user) ?? 0
    if (Date.now() - last < FRESH && (await caller.call('GET', '/v1/me')).status === 200) return
    await signIn(caller, { user, password: PASSWORD })
    this.#signedIn.set(user, Date.now())
  }

  async #act(caller: Caller, name: string, { hasty, byTheBook }: How): Promise<{ readonly status: number }> {
    const [method = '', path = ''] = name.split(' ')
    const { query, headers, body, ...example } = examplesAt(Date.now())[name] ?? {}
    let address = path
    for (const [, key = ''] of path.matchAll(/\{(\w+)\}/g)) {
      const known = example.path?.[key]
      const isKnown = key !== 'n' && known !== undefined && (byTheBook || this.#random.chance(0.4))
      const id = isKnown ? known : await this.#idFor(path, key, byTheBook)
      address = address.replace(`{${key}}`, encodeURIComponent(id))
    }
    const all = {
      ...query,
      reason: 'drill',
      dryRun: 'false',
      gaps: 'accepted',
      ...(hasty ? { breakGlass: 'true' } : { confirmWithin: '0' }),
    }
    const takes = this.#operations.get(name)!
    const search = new URLSearchParams(Object.entries(all).filter(([key]) => takes.has(key))).toString()
    const made = JSON.stringify((await this.#bodyOf(name, address, body)) ?? null)
    // The other institution of the plane, which lies in the officer's scope.
    const isOther = !name.startsWith('PUT') && this.#random.chance(0.5)
    const sent: unknown = JSON.parse(isOther ? made.replaceAll('hosp-mbeya', 'chuo-dodoma') : made)
    return caller.call(method, search === '' ? address : `${address}?${search}`, sent, { headers: { ...headers } })
  }

  async #bodyOf(name: string, address: string, body: unknown): Promise<unknown> {
    const mark = String(Math.floor(this.#random.next() * 1e6))
    if (name === 'POST /v1/users')
      return { ...(body as object), id: `m${mark}`, roles: [this.#pick(['admin', 'viewer'])] }
    if (name === 'POST /v1/links/{id}/state') return { ...(body as object), event: `e${mark}` }
    if (name.includes('/import/')) return { ...(body as object), same: { [`Shule ${mark}`]: 'chuo-dodoma' } }
    if (name === 'POST /v1/edges/{id}/reports') return body
    if (!/^PUT \/v1\/policy/.test(name)) return body ?? { reason: 'drill', note: 'drill' }
    const present = (await this.#machine.call('GET', address)).body as Record<string, unknown>
    const labelled = { ...present, labels: { mark } }
    if (name !== 'PUT /v1/policy') return labelled
    const institutions = structuredClone(present.institutions) as Record<string, object>
    const id = this.#pick(Object.keys(institutions))
    institutions[id] = { ...institutions[id], labels: { mark } }
    return this.#random.chance(0.3) ? { ...present, guards: {} } : { ...present, institutions }
  }

  /** An id of what is there; now and then one of what is not. */
  async #idFor(path: string, key: string, byTheBook: boolean): Promise<string> {
    if (!byTheBook && this.#random.chance(0.05)) return 'nothing-of-this-name'
    if (key === 'collection') return this.#pick(['institutions', 'institutions', 'tiers', 'guards'])
    // Who has chosen their password; those that are made here have not.
    if (path.endsWith('/vouch')) return this.#pick(['settler', 'approver'])
    if (key === 'n') {
      const { revision } = await this.#machine.get<{ revision: number }>('/v1/status')
      return this.#pick([revision, revision, Math.max(1, revision - 1), 1]).toString()
    }
    if (path.startsWith('/v1/policy/')) return this.#pick(['hosp-mbeya', 'chuo-dodoma', 'basic', 'promises-by-two'])
    if (path.startsWith('/v1/requests')) {
      const { items } = await this.#machine.get<{ items: { id: string }[] }>('/v1/requests?state=open')
      return items[0]?.id ?? 'nothing-of-this-name'
    }
    if (path.startsWith('/v1/links')) return this.#pick(['transit-a', 'transit-b', 'dodoma-mbeya'])
    if (path.startsWith('/v1/edges')) return this.#pick(['dodoma-1', 'mbeya-1'])
    const [, list = ''] = /^\/v1\/(\w+)/.exec(path) ?? []
    const query = list === 'proposals' ? '?state=open' : ''
    const { status, body } = await this.#machine.call('GET', `/v1/${list}${query}`)
    const ids = status === 200 ? (body as { items?: { id: string }[] }).items?.map(({ id }) => id) : undefined
    // Those who try are left in: who has shut out another finds the others shut out too.
    const found = (ids ?? []).filter((id) => list !== 'users' || /^[vm]\d/.test(id))
    return found.length === 0 ? 'nothing-of-this-name' : this.#pick(found.slice(-20))
  }

  /** What an edge's own account can do in the rates store beside its own keys. */
  async #byStore(): Promise<Area[]> {
    if (this.#edgeStore === null) return []
    const { redis } = this.#edgeStore
    const own = keys(PLANE).edge('dodoma-1')
    const other = keys(PLANE).edge('mbeya-1')
    const value = 'drill'
    const words: readonly (readonly [string, ...string[]])[] = [
      ...[other.report, other.profile, other.snap, own.profile, own.snap, keys(PLANE).head].map(
        (key) => ['SET', key, value] as const,
      ),
      ...[other.up, other.down, own.down].map((channel) => ['PUBLISH', channel, value] as const),
      ...(['FLUSHALL', 'FLUSHDB', 'SHUTDOWN NOSAVE', 'DEBUG SLEEP 0', 'ACL LIST', 'KEYS *'] as const).map(
        (line) => line.split(' ') as [string, ...string[]],
      ),
      ...([
        ['CONFIG', 'SET', 'maxmemory', '1'],
        ['EVAL', 'return redis.call("SET", KEYS[1], "x")', '1', own.snap],
        ['FUNCTION', 'FLUSH'],
        ['ACL', 'SETUSER', 'drill', 'on', 'nopass', '~*', '+@all'],
        ['XADD', own.delta, '*', 'm', value],
        ['DEL', other.report, own.snap],
        ['EXPIRE', own.snap, '1'],
        ['RENAME', own.snap, other.snap],
      ] as const),
    ]
    const could: string[] = []
    for (const [command, ...args] of shuffled(words, this.#random)) {
      const done = await redis.call(command, ...args).then(
        () => true,
        () => false, // refused, as it should be
      )
      if (done) could.push(`rates of others (${command})`)
    }
    return could
  }

  /** Whether anybody else on the machine could read or write what the product keeps. */
  #byFiles(): Area[] {
    const look = (folder: string): string[] =>
      readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name)
        if (entry.isSymbolicLink()) return []
        return entry.isDirectory() ? look(path) : [path]
      })
    if ((statSync(this.#data).mode & 0o077) === 0) return []
    return look(this.#data).flatMap((path) => ((statSync(path).mode & 0o077) === 0 ? [] : [`files (${path})`]))
  }

  /** Everything that people have decided, from the store itself: no answer of the API is believed. */
  async #snapshot(actor: ActorName): Promise<Snapshot> {
    const names = keys(PLANE)
    const found = new Map<string, string>()
    const put = (area: Area, key: string, text: string): void => void found.set(`${area}\n${key}`, text)
    const all = (key: string) => this.#redis.hgetall(key)
    put('policy', 'head', JSON.stringify(await all(names.policyHead)))
    for (const [field, text] of Object.entries(await all(names.register))) {
      const area = REGISTER[field.split(':')[0]!]
      if (area !== undefined) put(area, field, text)
    }
    for (const [edge, text] of Object.entries(await all(names.enforcement))) put('enforcement', edge, text)
    for (const [id, text] of Object.entries(await all(names.webhooks))) put('webhooks', id, text)
    for (const [id, text] of Object.entries(await all(names.requests))) if (id !== 'version') put('requests', id, text)
    put('price book', 'text', JSON.stringify(await all(names.ledger.prices)))
    for (const month of await this.#redis.hkeys(names.ledger.months)) put('closed months', month, 'there')
    for (const [id, text] of Object.entries(await all(names.edgeAccounts)))
      if (id !== 'version') put('accounts of edges', id, text)
    for (const [field, text] of Object.entries(await all(names.accounts))) {
      const [kind, id] = field.split(':')
      if (kind === 'user' && id !== idOf(actor)) put('accounts', field, text)
      // Tokens of the own account are everybody's, as the own password is.
      if (kind === 'token' && JSON.parse(text).user !== idOf(actor)) put('accounts', field, text)
      const { of } = kind === 'session' ? (JSON.parse(text) as { of: { user?: string } }) : { of: null }
      // Everybody's own cookie is renewed; that of others may only be ended.
      if (of !== null && of.user !== idOf(actor)) put('sessions of others', field, 'there')
    }
    const { base = '' } = await all(names.auditHead)
    put('the trail', 'base', base)
    return found
  }

  #pick<T>(of: readonly T[]): T {
    return this.#random.pick(of)
  }
}

const idOf = (actor: ActorName): string => actor.replace(' ', '-')

function differing(before: Snapshot, after: Snapshot): Area[] {
  const places = new Set([...before.keys(), ...after.keys()])
  const changed = [...places].filter((place) => before.get(place) !== after.get(place))
  return [...new Set(changed.map((place) => place.split('\n')[0]!))]
}

function shuffled<T>(of: readonly T[], random: Random): T[] {
  return of
    .map((one) => [random.next(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one)
}

/** What a drill has found so far, over all its rounds. */
export class Tally {
  readonly #could = new Map<string, Set<Area>>(ACTORS.map((actor) => [actor, new Set()]))
  readonly #table = writtenTable()

  note({ actor, changed }: Found): void {
    for (const area of changed) this.#could.get(actor)!.add(area)
  }

  /** For each: all that it could change, and where that is not what is written. */
  rows() {
    return [...this.#could].map(([actor, areas]) => {
      const written = this.#table.get(actor) ?? []
      const more = [...areas].filter((area) => !written.includes(area))
      const less = written.filter((area) => !areas.has(area))
      return { actor, areas: [...areas].sort(), more, less }
    })
  }
}

/** What SECURITY.md says that each can change: the rows of its table, by the names of the first column. */
export function writtenTable(
  text = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8'),
): ReadonlyMap<string, readonly Area[]> {
  const [, part = ''] = /## What each can change\n([\s\S]*?)\n## /.exec(text) ?? []
  const rows = [...part.matchAll(/^\| ([^|]+?) +\| ([^|]*?) +\|/gm)].filter(([, who = '']) => !/^(?:who|-+)$/.test(who))
  return new Map(
    rows.map(([, who = '', areas = '']) => [who, areas === 'nothing' ? [] : areas.split(', ').sort()] as const),
  )
}
