// A real server on loopback in front of the hand-drawn board, with ports that remember what they were asked. Time
// stands still until a test moves it.

import type { HTTPMethods } from 'fastify'
import { Registry } from 'prom-client'
import { openAccounts } from '../../src/accounts/accounts.js'
import { EventHub } from '../../src/api/events/event-hub.js'
import type { ServerDeps } from '../../src/api/ports.js'
import { createServer } from '../../src/api/server.js'
import { AuditTrail } from '../../src/audit/trail.js'
import { Conflicts } from '../../src/change/conflicts.js'
import type { PolicyPort } from '../../src/change/policy-control.js'
import { nothingLost } from '../../src/change/store-look.js'
import type { Board } from '../../src/model/board.js'
import { EDGE_TOKEN, ROLES, type Role } from '../../src/model/principal.js'
import type {
  EnforcementChange,
  PolicyChange,
  PolicyEdit,
  PolicyHead,
  PolicyOutcome,
} from '../../src/model/revision.js'
import { hashOf } from '../../src/policy/document/canonical.js'
import { namedBy } from '../../src/policy/document/name-search.js'
import { NOTHING_IN_FORCE } from '../../src/policy/in-force/holding.js'
import { scopeFaults } from '../../src/policy/revisions/scope.js'
import { listen } from '../../src/process/listening.js'
import { manualClock } from '../../src/runtime/clock.js'
import { MizaniError } from '../../src/runtime/errors.js'
import { createLogger } from '../../src/runtime/log.js'
import { CHEAP, memoryStore, testSeal } from '../accounts/memory-store.js'
import { memoryAudit, memoryKeys } from '../audit/memory-store.js'
import { fixtureBoard } from './board-fixture.js'

export const ADMIN_TOKEN = 'an-admin-token-of-some-32-letters'

export const CONNECTIONS = { each: 1_000, halfOpen: 100, proxy: 1_000, total: 1_000, headerSeconds: 5 }

/** What scopes may name. */
const SCOPED = { regions: { 'dar-es-salaam': {}, mbeya: {} }, categories: { hospital: {} }, envelopes: { afya: {} } }

/** What of a policy is looked at beside the document itself. */
const NOTHING_WRITTEN = {
  ...{ modes: {}, edges: {}, links: {}, guards: {}, institutions: {}, sites: {} },
  nodes: {
    kigoma: { name: { en: 'Kigoma', sw: 'Kigoma' }, region: 'kigoma' },
    dar: { name: { en: 'Dar es Salaam', sw: 'Dar es Salaam' }, region: 'dar-es-salaam', at: [820, 460] },
  },
}

/**
 * A policy of one document behind its port: refuses one without tiers. `turn`: what a change waits for; `draft`: what
 * happens while it is looked at; `more`: what else is behind the port.
 */
export function policyStore({
  switches = new Map(),
  document = NOTHING_WRITTEN,
  turn = async () => undefined,
  draft = async () => undefined,
  ...more
}: Record<string, unknown> & { readonly turn?: () => Promise<void>; readonly draft?: () => Promise<void> } = {}) {
  const meta = { author: 'seed', reason: 'start', reference: null, at: Date.UTC(2026, 0, 1), parent: null }
  let head: PolicyHead = { document: { tiers: {} }, revision: 7, etag: '"r7"', hash: 'sha256:7', meta }
  const made: PolicyChange[] = []
  async function change(edit: PolicyEdit, change: PolicyChange): Promise<PolicyOutcome> {
    await turn()
    const document = edit(head)
    if (typeof document !== 'object' || document === null || !('tiers' in document)) {
      const faults = [{ code: 'MISSING', pointer: '/tiers', message: 'tiers are missing' }]
      throw new MizaniError({ code: 'POLICY_INVALID', message: 'The policy: 1 fault', faults })
    }
    const { revision: base } = head
    await draft()
    if (head.revision !== base) throw new MizaniError({ code: 'PRECONDITION_FAILED', message: 'somebody was faster' })
    made.push(change)
    const revision = base + 1
    const next = { document, revision, etag: `"r${revision}"`, hash: `sha256:${revision}`, meta }
    if (!change.dryRun) head = next
    return { revision, hash: next.hash, base, etag: next.etag, warnings: ['link x is promised twice'] }
  }
  const tagOf = (part: unknown): string => `"${hashOf(part)}"`
  const port = empty<PolicyPort>({
    state: {
      ...{ current: () => head, switches, document, refresh: async () => undefined },
      settle: () => Promise.reject(nothingLost()),
      revision: { document, indexes: new Map() },
    },
    proposals: empty({ list: () => [] }),
    changes: empty({ change, tagOf, readPolicies: new Conflicts(8), readParts: new Conflicts(8) }),
    history: empty({ pending: null, unsigned: [] }),
    interventions: empty({ inForce: NOTHING_IN_FORCE, noteSeen: async () => undefined }),
    ...more,
  })
  return { made, current: () => head, port }
}

/** A port behind which nothing is found, whatever is asked: for tests that stop at the gate. */
export function empty<Port extends object>(known: object = {}): Port {
  const found: ProxyHandler<() => void> = {
    get(_target, name) {
      if (name in known) return Reflect.get(known, name)
      return name === 'then' ? undefined : empty()
    },
    apply() {
      throw new MizaniError({ code: 'NOT_FOUND', message: 'there is nothing here' })
    },
  }
  // Stands for any port: what it lacks is never looked at before it is called.
  return new Proxy(() => undefined, found) as unknown as Port
}

/** With every port there is, so that the router has every route. */
export const startWholeApi = () =>
  startApi({
    memory: empty({
      alarms: empty({ open: () => [] }),
      webhooks: empty({ list: () => [] }),
      recorder: { failing: null, size: 0 },
    }),
    edges: empty({ byToken: () => null }),
    ledger: empty(),
    simulations: empty({ onNews: () => undefined }),
  })

export async function startApi(
  overrides: Partial<Omit<ServerDeps, 'http'>> & { readonly http?: Partial<ServerDeps['http']> } = {},
  factorRoles: readonly Role[] = [],
  wall = Date.UTC(2026, 0, 1),
) {
  const clock = manualClock({ wall })
  const accounts = await openAccounts({
    cost: CHEAP,
    ...{ store: memoryStore().port, clock, adminToken: ADMIN_TOKEN, seal: testSeal(), factorRoles },
  })
  const audited = memoryAudit()
  const events = new EventHub(clock)
  const logged: string[] = []
  const enforced: (EnforcementChange & { edge: string })[] = []
  const demanded: string[] = []
  const policy = policyStore()
  let board: Board | null = fixtureBoard()
  const { app, rules, limited, flapping } = await createServer({
    board: () => board,
    policy: policy.port,
    answers: { begin: async () => null, keep: async () => undefined, forget: async () => undefined },
    enforcement: {
      set: async (edge, change) => {
        enforced.push({ edge, ...change })
      },
    },
    demo: {
      setLoad: async (institution, factor) =>
        demanded.push(`${institution} x ${factor}`) > 0 && institution !== 'nobody',
      stopEdge: async (edge) => edge === 'dar-1',
      startEdge: async (edge) => edge === 'dar-1',
    },
    accounts,
    requests: empty(),
    staticEdges: empty({ confirmations: [], drains: [] }),
    // Regions are all that this plane's scopes know.
    events,
    scopes: {
      faults: (scope) => scopeFaults(SCOPED, scope),
      institution: (_id, scope) => scope?.regions?.includes('dar-es-salaam') ?? true,
      edge: (_id, scope) => scope?.regions?.includes('dar-es-salaam') ?? true,
    },
    namedBy,
    audit: new AuditTrail({
      ...{
        store: audited.port,
        plane: 'taifa',
        keys: memoryKeys({ since: 5 }),
        clock,
        log: createLogger('audit', 'silent'),
      },
    }),
    metrics: new Registry(),
    clock,
    log: createLogger('api', 'info', { write: (line) => void logged.push(line) }),
    version: '0.1.0',
    ...overrides,
    http: { trustProxy: [], tls: null, connections: CONNECTIONS, ...overrides.http },
  })
  const url = await listen({ app }, { http: { host: '127.0.0.1', port: 0 } })
  const tokens = Object.fromEntries(
    ROLES.map((role) => [role, accounts.secrets.issue(ofRole(role, clock.wall()))]),
  ) as Record<Role, string>

  /** Sends a request as somebody of this role; `null`: as nobody. */
  async function call(path: string, init: RequestInit & { as?: Role | null } = {}) {
    const { as = 'admin', ...rest } = init
    const headers = new Headers(rest.headers)
    if (as !== null) headers.set('authorization', `Bearer ${tokens[as]}`)
    const answer = await fetch(url + path, { ...rest, headers, redirect: 'manual' })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) as unknown }
  }

  /** The head of an answer, without a connection where the answer has an end. */
  async function status(method: HTTPMethods, path: string, headers: Record<string, string>, body?: string) {
    if (path !== '/v1/events') {
      const asked = { method, url: path, headers, ...(body === undefined ? {} : { payload: body }) }
      const answer = await app.inject(asked)
      return { status: answer.statusCode, challenge: answer.headers['www-authenticate'] }
    }
    const stop = new AbortController()
    const answer = await fetch(url + path, { method, headers, signal: stop.signal })
    stop.abort()
    return { status: answer.status, challenge: answer.headers.get('www-authenticate') }
  }

  return {
    ...{
      app,
      rules,
      limited,
      flapping,
      url,
      clock,
      accounts,
      audited,
      events,
      tokens,
      logged,
      enforced,
      demanded,
      policy,
      call,
      status,
    },
    show(next: Board | null) {
      board = next
    },
    /** POST or PUT of JSON. */
    send: (method: string, path: string, body: unknown, more: { as?: Role; headers?: Record<string, string> } = {}) =>
      call(path, {
        method,
        body: JSON.stringify(body),
        ...more,
        headers: { 'content-type': 'application/json', ...more.headers },
      }),
    close: () => app.close(),
  }
}

export type Api = Awaited<ReturnType<typeof startApi>>

/** A person of this role, who has just signed in. */
function ofRole(role: Role, begun: number) {
  return {
    actor: `a-${role}`,
    roles: [role],
    scope: null,
    person: true,
    inPerson: true,
    via: role === 'edge' ? EDGE_TOKEN : 'token',
    begun,
  }
}
