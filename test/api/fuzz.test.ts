// Whatever is sent, the answer is a good one or names the caller's own fault: never a 5xx, never a hang. Requests
// begin as right ones and are then broken in one to four places by a seeded generator; a failing seed is part of the
// message.

import { Agent, request } from 'node:http'
import t from 'tap'
import { problemSchema } from '../../src/api/problem.js'
import { startApi } from './api-fixture.js'

const SEED = 20260512
const REQUESTS = 2_000

interface Shot {
  method: string
  path: string
  headers: Record<string, string>
  body: string | undefined
}

const JSON_TYPE = { 'content-type': 'application/json' }
const SHOTS: readonly Shot[] = [
  shot('GET', '/v1/status'),
  shot('GET', '/v1/institutions?pageSize=3&q=min&limitedBy=LINK'),
  shot('GET', '/v1/institutions/min-afya/explain?service=internet&direction=down&lang=sw&edge=dar-1'),
  shot('GET', '/v1/allocations?kind=institution&direction=up', undefined, { accept: 'text/csv' }),
  shot('GET', '/v1/links?pageToken=L3YxL2xpbmtzCmRhci1kb20uZG93bg'),
  shot('GET', '/v1/links/transit-a.down'),
  shot('GET', '/v1/edges/dar-1'),
  shot('GET', '/v1/policy'),
  shot('GET', '/metrics'),
  shot('GET', '/page.css', undefined, { 'if-none-match': '"x"' }),
  shot('POST', '/v1/session', '{"token":"x"}'),
  shot('POST', '/v1/edges/dar-1/enforcement', '{"enforcement":"hold","until":"2026-01-02T00:00:00Z","reason":"works"}'),
  shot('PUT', '/v1/policy?reason=x&dryRun=true', '{"tiers":{"a":{"b":[1,2,3]}}}', { 'if-match': '"r7"' }),
  shot('POST', '/v1/demo/load', '{"institution":"min-afya","factor":2}'),
  shot('DELETE', '/v1/session', '{}'),
]

function shot(method: string, path: string, body?: string, headers: Record<string, string> = {}): Shot {
  return { method, path, body, headers: { ...(body === undefined ? {} : JSON_TYPE), ...headers } }
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
const HEADERS: readonly (readonly [string, string])[] = [
  ['accept', 'text/html;q=0.1, */*;q=0'],
  ['accept', ',,;;q=q'],
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
]
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']

function broken(seed: number): Shot {
  const random = generator(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const mutate = (text: string): string => {
    const at = Math.floor(random() * (text.length + 1))
    return text.slice(0, at) + pick(PIECES) + text.slice(at + Math.floor(random() * 4))
  }
  const made = structuredClone(pick(SHOTS))
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const what = random()
    if (what < 0.45) made.path = `/${mutate(made.path.slice(1)).replaceAll(/[\s"\\{}]/g, '')}`
    else if (what < 0.7) made.body = made.body === undefined ? undefined : mutate(made.body)
    else if (what < 0.9) {
      const [name, value] = pick(HEADERS)
      made.headers[name] = value
    } else made.method = pick(METHODS)
  }
  return made
}

t.test(`${REQUESTS} broken requests are answered with 2xx, 3xx or 4xx`, async (t) => {
  const api = await startApi()
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  t.teardown(api.close)
  const send = (made: Shot) =>
    new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
      // Framed by hand, because Node sends the body of a HEAD or DELETE without any length.
      const framing = made.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(made.body)) }
      const headers = { authorization: `Bearer ${api.tokens.admin}`, ...framing, ...made.headers }
      const call = request(api.url + made.path, { method: made.method, headers, agent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        const type = answer.headers['content-type'] ?? ''
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, type, text }))
      })
      call.on('error', reject).end(made.body)
    })
  const seen = new Map<number, number>()
  for (let seed = SEED; seed < SEED + REQUESTS; seed++) {
    const made = broken(seed)
    const { status, type, text } = await send(made)
    seen.set(status, (seen.get(status) ?? 0) + 1)
    const tell = (): string => `seed ${seed}: ${made.method} ${made.path} gave ${status} ${text.slice(0, 200)}`
    if (status < 200 || status >= 500) t.fail(tell())
    if (status >= 400 && made.method !== 'HEAD') {
      if (!type.startsWith('application/problem+json')) t.fail(`${tell()} as ${type}`)
      else if (!problemSchema.safeParse(JSON.parse(text)).success) t.fail(`${tell()} is no problem`)
    }
  }
  t.strictSame(
    [200, 400, 401, 404, 405, 406, 415].filter((status) => !seen.has(status)),
    [],
    'the requests were broken in many ways, and some were not broken enough',
  )
  t.notOk(
    api.logged.some((line) => line.includes('request failed')),
    'nothing went wrong inside',
  )
})
