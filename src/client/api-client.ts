// The command line's way to a running controller: the HTTP API with a bearer token, and its problem documents turned
// into the errors that every command prints. Beside a running `mizani up` the token is found in the data folder.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { stampsInWords, ZONE_HEADER } from '../model/civil-time.js'
import { readPem } from '../runtime/certificates.js'
import { CLI_TOKEN_FILE, type Settings } from '../runtime/config.js'
import { type Fault, foreignCode, MizaniError, messageOf } from '../runtime/errors.js'
import {
  createHttpClient,
  type HttpAnswer,
  type HttpCall,
  type HttpClient,
  pinnedAuthority,
} from '../runtime/http-call.js'
import type { Io } from '../runtime/io.js'
import { jsonOrNull } from '../runtime/json.js'
import { MAX_BODY_BYTES } from '../runtime/limits.js'
import { isLoopback } from '../runtime/loopback.js'
import { readSecretFile } from '../runtime/secret-file.js'
import { type TextTable, textLines } from '../runtime/text-table.js'
import * as z from '../runtime/zod.js'
import type { ApiAnswered, ApiAsked, ApiMethod, ApiPath } from './api-operations.js'
import { callAs } from './in-person.js'

/** Longer than any answer takes; whoever waits that long is told instead. */
const PATIENCE = 30_000

export interface ApiRequest {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

export interface ApiAnswer<Body = unknown> {
  /** What the JSON says; a sheet as its text. */
  readonly body: Body
  readonly etag: string | null
  readonly headers: Headers
}

export interface ApiClient {
  /** One operation, such as `ask('get', '/v1/links/{id}', { path: { id } })`. @throws as `request`. */
  ask<M extends ApiMethod, P extends ApiPath<M>>(
    method: M,
    path: P,
    asked: ApiAsked<M, P>,
  ): Promise<ApiAnswer<ApiAnswered<M, P>>>
  /** @throws MizaniError with the API's own code and its problem as the cause, or NOT_REACHED when nobody answers. */
  request(path: string, request?: ApiRequest): Promise<ApiAnswer>
}

const problemShape = z.object({
  title: z.string(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string().optional(), code: z.string(), detail: z.string() })).optional(),
  sheet: z.string().optional(),
})

export function createApiClient(settings: Pick<Settings, 'client' | 'data'>): ApiClient {
  const request: ApiClient['request'] = (path, asked = {}) => requestAs(settings, path, asked)
  return {
    request,
    async ask<M extends ApiMethod, P extends ApiPath<M>>(method: M, path: P, asked: ApiAsked<M, P>) {
      // By the compiler's leave there is no more in it than this.
      const { path: names = {}, ...rest } = asked as ApiRequest & { readonly path?: Readonly<Record<string, unknown>> }
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name])))
      const answer = await request(address, { ...rest, method: VERBS[method] })
      // The server checks its answers against the description from which the type was made.
      return answer as ApiAnswer<ApiAnswered<M, P>>
    },
  }
}

const VERBS = { get: 'GET', put: 'PUT', post: 'POST', patch: 'PATCH', delete: 'DELETE' } as const

async function requestAs(
  { client, data }: Pick<Settings, 'client' | 'data'>,
  path: string,
  { method = 'GET', query = {}, headers = {}, body }: ApiRequest,
): Promise<ApiAnswer> {
  const url = new URL(path, client.url)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value))
  }
  const call = (who: Readonly<Record<string, string>>): Promise<HttpAnswer> =>
    reach(url, client, {
      method,
      headers: {
        accept: 'application/json',
        ...who,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      // A browser's rules hold for whoever has a session: a write is JSON.
      ...(body === undefined
        ? client.person && method !== 'GET'
          ? { body: '{}' }
          : {}
        : { body: JSON.stringify(body) }),
      ...BOUNDS,
    })
  const answer = await (client.person === undefined
    ? call(bearer(client.token ?? ownToken(url, client, join(data, CLI_TOKEN_FILE))))
    : callAs(client.person, url.origin, (to, asked) => reach(new URL(to, url), client, { ...asked, ...BOUNDS }), call))
  const text = answer.body.toString()
  const told = new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]))
  if (answer.status >= 400) throw refusalOf(answer.status, text, url, told)
  const isText = told.get('content-type')?.startsWith('text/') ?? false
  return { body: isText ? text : text === '' ? null : JSON.parse(text), etag: told.get('etag'), headers: told }
}

const BOUNDS = { silence: PATIENCE, most: MAX_BODY_BYTES }

const bearer = (token: string | null): Readonly<Record<string, string>> =>
  token === null ? {} : { authorization: `Bearer ${token}` }

/** It opens everything here, so it goes nowhere but to this machine, or to a certificate that somebody has named. */
function ownToken(url: URL, { ca, fingerprint }: Settings['client'], file: string): string | null {
  if (!existsSync(file)) return null
  const isPinned = url.protocol === 'https:' && Boolean(ca || fingerprint)
  if (isLoopback(url.hostname) || isPinned) return readSecretFile(file)
  throw new MizaniError({
    code: 'CREDENTIALS',
    exitCode: 2,
    message: `${file} opens everything, and is not shown to ${url.origin}: nothing says whose certificate that has.`,
    advice: `Say MIZANI_URL=https://${url.host}#FINGERPRINT or MIZANI_CA_FILE, or its own MIZANI_TOKEN_FILE.`,
  })
}

async function reach(url: URL, { ca, fingerprint }: Settings['client'], call: HttpCall): Promise<HttpAnswer> {
  let http: HttpClient | null = null
  try {
    const pinned =
      fingerprint && url.protocol === 'https:' ? await pinnedAuthority(url.origin, fingerprint, PATIENCE) : null
    http = createHttpClient(url.origin, ca ? readPem('CA', ca) : pinned)
    return await http.call(`${url.pathname}${url.search}`, call)
  } catch (error) {
    if (error instanceof MizaniError && error.code !== 'NOT_REACHED') throw error
    const cause = error instanceof MizaniError && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
    throw new MizaniError({
      code: 'NOT_REACHED',
      remedy: 'retry',
      message: `No controller answers at ${url.origin}${cause === '' ? '' : ` (${cause})`}.`,
      advice: 'Start one with `mizani up`, or name another with MIZANI_URL.',
      cause: error,
    })
  } finally {
    http?.close()
  }
}

function refusalOf(status: number, text: string, url: URL, headers: Headers): MizaniError {
  const problem = problemShape.safeParse(jsonOrNull(text))
  if (!problem.success) {
    const message = `${url.origin} answered ${status}, which is no answer of Mizani's.`
    return new MizaniError({ code: 'NOT_UNDERSTOOD', message })
  }
  const { title, code, detail, errors = [] } = forPeople(problem.data, headers)
  const faults: Fault[] = errors.map((error) => ({
    code: error.code,
    message: error.detail,
    ...(error.pointer === undefined ? {} : { pointer: error.pointer }),
  }))
  const advice =
    code === 'UNAUTHENTICATED'
      ? `Set MIZANI_TOKEN, or MIZANI_DATA to the data folder of the controller (it holds ${CLI_TOKEN_FILE}).`
      : undefined
  const told = { code: foreignCode(code), message: detail ?? title, faults, cause: problem.data }
  return new MizaniError({ ...told, ...(advice === undefined ? {} : { advice }) })
}

/** What the API answered, its times as the clocks of the plane show them: "2026-11-25 10:05 EAT". */
export function forPeople<Body>(body: Body, headers: Headers): Body {
  const zone = headers.get(ZONE_HEADER)
  if (zone === null) return body
  // Only texts are changed, and only into other texts.
  const inWords = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? stampsInWords(value, zone) : value
  return JSON.parse(JSON.stringify(body), inWords) as Body
}

/** What every command has that prints an answer of the API. */
export interface ApiCommand {
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

/** Prints an answer: as it came, or in words. */
export async function printAnswer<Body>(
  { json, settings }: ApiCommand,
  { stdout }: Io,
  ask: (api: ApiClient) => Promise<ApiAnswer<Body>>,
  words: (body: Body) => readonly string[],
): Promise<void> {
  const { body, headers } = await ask(createApiClient(settings))
  const lines = json ? [JSON.stringify(body)] : words(forPeople(body, headers))
  stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** All items of a list, page by page; times as people read them, unless a program asks. */
export async function everyPage<Item>(
  json: boolean,
  page: (query: {
    readonly pageSize: number
    readonly pageToken: string | undefined
  }) => Promise<ApiAnswer<{ readonly items: readonly Item[]; readonly nextPageToken: string | null }>>,
): Promise<Item[]> {
  const items: Item[] = []
  for (let pageToken: string | undefined; ; ) {
    const { body, headers } = await page({ pageSize: 1_000, pageToken })
    items.push(...(json ? body.items : forPeople(body.items, headers)))
    if (body.nextPageToken === null) return items
    pageToken = body.nextPageToken
  }
}

/** Prints a whole list: as JSON, or as a table; `none` where it is empty. */
export async function printList<Item>(
  { json, settings }: ApiCommand,
  { stdout }: Io,
  page: (
    api: ApiClient,
    query: { readonly pageSize: number; readonly pageToken: string | undefined },
  ) => Promise<ApiAnswer<{ readonly items: readonly Item[]; readonly nextPageToken: string | null }>>,
  { none, table }: { readonly none: string; table(items: readonly Item[]): TextTable },
): Promise<void> {
  const api = createApiClient(settings)
  const items = await everyPage(json, (query) => page(api, query))
  if (json) stdout.write(`${JSON.stringify(items)}\n`)
  else if (items.length === 0) stdout.write(`${none}\n`)
  else for (const line of textLines(table(items))) stdout.write(`${line}\n`)
}
