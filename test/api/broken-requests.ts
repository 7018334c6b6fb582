// Requests that begin as right ones, for every route there is, and are then broken in one to four places by a seeded
// generator: in the address, in the headers, in the text of the body, and in its structure (values of other kinds,
// __proto__, keys twice, depth, size, NUL, broken UTF-8, 1e400). Used by the test and, for longer, by the command.

import { Agent, request } from 'node:http'
import { examplesAt } from '../../src/api/examples.js'
import { problemSchema } from '../../src/api/problem.js'
import type { Api } from './api-fixture.js'

export interface Shot {
  method: string
  path: string
  headers: Record<string, string>
  body: string | Buffer | undefined
}

const JSON_TYPE = { 'content-type': 'application/json' }
const QUERIES: Readonly<Record<string, string>> = {
  'GET /v1/institutions': '?pageSize=3&q=min&limitedBy=LINK',
  'GET /v1/institutions/:id/explain': '?service=internet&direction=down&lang=sw&edge=dar-1',
  'GET /v1/allocations': '?kind=institution&direction=up',
  'GET /v1/links': '?pageToken=L3YxL2xpbmtzCmRhci1kb20uZG93bg',
  'GET /v1/audit': '?order=oldest&actor=a-admin&outcome=done&since=2026-01-01T00:00:00Z',
  'GET /v1/events': '?kinds=tick,edge',
  'GET /v1/users': '?q=a&disabled=false',
  'PUT /v1/policy': '?reason=x&dryRun=true',
}
const IDS: Readonly<Record<string, string>> = {
  institutions: 'min-afya',
  links: 'transit-a.down',
  edges: 'dar-1',
  users: 'asha',
  collection: 'tiers',
}

/** A right request, or nearly, for every route of the router. */
export function rightRequests(api: Api): Shot[] {
  const examples = examplesAt(api.clock.wall())
  return api.rules
    .filter(({ url, method }) => !url.startsWith('/docs') && method !== 'HEAD')
    .map(({ method, url }) => {
      const path = url.replaceAll(/([\w-]+)\/:(\w+)/g, (_, before: string) => `${before}/${IDS[before] ?? 'x'}`)
      const example = examples[`${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`]?.body
      const body = example === undefined ? (method === 'DELETE' ? '{}' : undefined) : JSON.stringify(example)
      const type = body === undefined ? {} : JSON_TYPE
      return {
        method,
        path: path + (QUERIES[`${method} ${url}`] ?? ''),
        body,
        headers: { ...type, 'if-match': '"r7"' },
      }
    })
}

/** mulberry32: small, seeded, good enough to break things with. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32
  }
}

const PIECES = [
  ...['%00', '%2F', '%', '..', '//', '?', '&', '=', '[]', '%F0%9F%90%98', 'null', '-1', '1e400', 'NaN', '9'.repeat(40)],
  ...[
    '__proto__',
    'constructor',
    '{"a":',
    '}',
    '"',
    '\\u0000',
    '[[[[[[',
    'x'.repeat(900),
    '2026-13-45T99:99:99Z',
    '*',
    ';',
  ],
]
const VALUES = [
  ...['null', 'true', '-1', '0', '1e400', '""', '"\\u0000"', '"\\ud800"', '[]', '{}', '[[]]', '"2026-13-45"'],
  ...['9'.repeat(400), `"${'x'.repeat(5_000)}"`, '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":1}}'],
  ...['{"a":1,"a":2}', '['.repeat(20_000), `${'['.repeat(500)}${']'.repeat(500)}`, '"asha"', '["admin"]'],
]
const HEADERS: readonly (readonly [string, string])[] = [
  ['accept', 'text/html;q=0.1, */*;q=0'],
  ['accept', ',,;;q=q'],
  ['accept', 'text/csv'],
  ['content-type', 'application/xml'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-encoding', 'gzip'],
  ['if-match', '*'],
  ['if-match', '"'],
  ['cookie', 'mizani-session=%%%; mizani-session=x'],
  ['authorization', 'Bearer \u00ff'],
  ['x-forwarded-for', 'not-an-address'],
  ['origin', 'null'],
  ['range', 'bytes=0-1'],
  ['expect', '100-continue'],
  ['last-event-id', '0-0-0'],
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']

/** The same seed breaks the same request in the same way. */
export function broken(right: readonly Shot[], seed: number): Shot {
  const random = generator(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const spoil = (text: string): string => {
    const at = Math.floor(random() * (text.length + 1))
    return text.slice(0, at) + pick(PIECES) + text.slice(at + Math.floor(random() * 4))
  }
  /** Another value in the place of one of its own, or another key beside them. */
  const mutant = (text: string): string => {
    const places = [...text.matchAll(/(?<=:)("[^"]*"|\d+|true|false|null)/g)]
    if (places.length === 0 || random() < 0.2) return text.replace(/^\{/, () => `{"__proto__":${pick(VALUES)},`)
    const place = pick(places)
    return text.slice(0, place.index) + pick(VALUES) + text.slice(place.index + place[0].length)
  }
  const made = structuredClone(pick(right))
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const what = random()
    const text = typeof made.body === 'string' ? made.body : undefined
    if (what < 0.35) made.path = `/${spoil(made.path.slice(1)).replaceAll(/[\s"\\{}]/g, '')}`
    else if (what < 0.5) made.body = text === undefined ? made.body : spoil(text)
    else if (what < 0.7) made.body = text === undefined ? made.body : mutant(text)
    else if (what < 0.72)
      made.body = text === undefined ? made.body : Buffer.from(text.replace('a', '\u00ff'), 'latin1')
    else if (what < 0.73) made.body = text === undefined ? made.body : `${text.slice(0, -1)}${' '.repeat(70_000)}}`
    else if (what < 0.9) {
      const [name, value] = pick(HEADERS)
      made.headers[name] = value
    } else made.method = pick(METHODS)
  }
  return made
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

export interface FuzzResult {
  readonly faults: readonly string[]
  readonly statuses: ReadonlyMap<number, number>
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Who asks for pages has one that says that nothing is there; below `/v1/` the API answers. */
const isPage = ({ path, headers }: Shot, type: string, text: string): boolean =>
  (headers.accept ?? '').includes('text/html') &&
  !path.startsWith('/v1/') &&
  type.startsWith('text/html') &&
  text.startsWith('<!doctype html>')

/** Sends them one after the other. A fault: no 2xx to 4xx, no problem document, or a refusal that changed something. */
export async function fuzz(api: Api, seed: number, count: number): Promise<FuzzResult> {
  const agent = new Agent({ keepAlive: true })
  const right = rightRequests(api)
  const statuses = new Map<number, number>()
  const times: number[] = []
  const faults: string[] = []
  for (let at = seed; at < seed + count; at++) {
    const made = broken(right, at)
    const before = stateOf(api)
    const begun = performance.now()
    const { status, type, text } = await send(api, agent, made).catch((error: Error) => ({
      status: 0,
      type: '',
      text: error.message,
    }))
    times.push(performance.now() - begun)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const fault = (what: string): void =>
      void faults.push(
        `seed ${at}: ${made.method} ${made.path.slice(0, 200)} gave ${status}: ${what} ${text.slice(0, 200)}`,
      )
    if (status < 200 || status >= 500) fault('not the caller’s own fault')
    if (status >= 400 && stateOf(api) !== before) fault('refused, and yet something changed')
    const isTold = type.startsWith('application/problem+json') && isProblem(text)
    if (status >= 400 && made.method !== 'HEAD' && !isTold && !(status === 404 && isPage(made, type, text))) {
      fault(`no problem document but ${type}`)
    }
  }
  agent.destroy()
  times.sort((a, b) => a - b)
  const quantile = (q: number): number => times[Math.floor(q * (times.length - 1))] ?? 0
  return { faults, statuses, p50: quantile(0.5), p99: quantile(0.99) }
}

/** Everything that a write can change, on one line. Sign-ins that were renewed in passing are no change. */
function stateOf({ policy, enforced, demanded, accounts }: Api): string {
  const { administration } = accounts
  return JSON.stringify([
    policy.made.length,
    policy.current().revision,
    enforced.length,
    demanded.length,
    administration.users(),
    administration.tokens().length,
  ])
}

function isProblem(text: string): boolean {
  try {
    return problemSchema.safeParse(JSON.parse(text)).success
  } catch {
    return false
  }
}

function send(api: Api, agent: Agent, made: Shot): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Framed by hand, because Node sends the body of a HEAD or DELETE without any length.
    const framing = made.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(made.body)) }
    const headers = { authorization: `Bearer ${api.tokens.admin}`, ...framing, ...made.headers }
    const call = request(api.url + made.path, { method: made.method, headers, agent }, (answer) => {
      const { statusCode: status = 0 } = answer
      const type = answer.headers['content-type'] ?? ''
      if (type.startsWith('text/event-stream')) {
        // Would go on for ever.
        answer.destroy()
        resolve({ status, type, text: '' })
        return
      }
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      answer.on('end', () => resolve({ status, type, text }))
    })
    call.on('error', reject).end(made.body)
  })
}
