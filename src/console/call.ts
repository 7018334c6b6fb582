// What the console asks of the API, typed by its description: the same calls from a browser (fetch, with the session's
// cookie) and from the server that renders a page (the reader's own request, asked once more inside).

import type { ApiAnswered, ApiAsked, ApiMethod, ApiPath } from '../client/api-operations.js'
import type { components } from '../client/api-types.js'

export type Schema = components['schemas']
export type Status = Schema['Status']
export type Me = Schema['Me']

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly address: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

export interface Answer {
  readonly status: number
  readonly body: unknown
  /** What a write of the same needs. */
  readonly etag?: string | null
}

/** @throws whatever keeps it from being answered at all. */
export type Transport = (asked: Asked) => Promise<Answer>

export type Call = <M extends ApiMethod, P extends ApiPath<M>>(
  method: M,
  path: P,
  asked: ApiAsked<M, P>,
) => Promise<ApiAnswered<M, P>>

/** With the ETag of what was read or made. */
type CallTagged = <M extends ApiMethod, P extends ApiPath<M>>(
  method: M,
  path: P,
  asked: ApiAsked<M, P>,
) => Promise<{ readonly body: ApiAnswered<M, P>; readonly etag: string | null }>

/** RFC 9457, as the API writes it. */
interface Problem {
  readonly code: string
  readonly detail: string
  readonly errors: readonly Fault[]
  readonly sheet?: string
  readonly proposal?: { readonly changes: readonly Change[] }
  readonly conflict?: {
    readonly known: boolean
    readonly theirs: readonly Change[]
    readonly yours: readonly Change[]
    readonly both: readonly string[]
  }
}

export interface Fault {
  readonly pointer?: string
  readonly code?: string
  readonly detail: string
}

/** One place of the policy, as it was and as it is to be. */
export interface Change {
  readonly pointer: string
  readonly before?: unknown
  readonly after?: unknown
}

/** The API says no: `detail` in English with what was found and expected. */
export class Refused extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly faults: readonly string[]
  /** All that the API says of it. */
  readonly problem: Partial<Problem>

  constructor(status: number, body: unknown) {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>
    super(`HTTP ${status}`)
    this.status = status
    this.problem = problem
    this.code = problem.code ?? 'INTERNAL'
    this.detail = problem.detail ?? ''
    this.faults = (problem.errors ?? []).map(({ pointer, detail }) => (pointer ? `${pointer}: ${detail}` : detail))
  }
}

export function createCall(send: Transport): Call {
  const call = createTaggedCall(send)
  return async (method, path, asked) => (await call(method, path, asked)).body
}

export function createTaggedCall(send: Transport): CallTagged {
  return async <M extends ApiMethod, P extends ApiPath<M>>(method: M, path: P, asked: ApiAsked<M, P>) => {
    // By the compiler's leave there is no more in it than this.
    const { path: names = {}, query = {}, headers, body } = asked as Loose
    const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(names[name])))
    const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
    const search = new URLSearchParams(said.map(([name, value]): [string, string] => [name, String(value)])).toString()
    const answer = await send({
      method: method.toUpperCase(),
      address: search === '' ? address : `${address}?${search}`,
      headers,
      // With a session's cookie every write is JSON.
      ...(method === 'get' ? {} : { body: body ?? {} }),
    })
    if (answer.status >= 400) throw new Refused(answer.status, answer.body)
    // The server checks its answers against the description from which the type was made.
    return { body: answer.body as ApiAnswered<M, P>, etag: answer.etag ?? null }
  }
}

interface Loose {
  readonly path?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What a page can do without: null where it is refused. */
export async function ifThere<Body>(answer: Promise<Body>): Promise<Body | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refused && error.status !== 401) return null
    throw error
  }
}

/** All rows of a list that is given in pages. */
export async function everyPage<Row>(
  page: (pageToken: string | undefined) => Promise<{ readonly items: readonly Row[]; nextPageToken: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = []
  for (let token: string | null | undefined; token !== null; ) {
    const { items, nextPageToken } = await page(token)
    rows.push(...items)
    token = nextPageToken
  }
  return rows
}
