// One part of the policy to be edited: a member of a collection, which has an ETag of its own, or a top part (the
// plane, the bands, all of it), which is written with the whole. Whatever it is, it is read, tried, written and
// proposed alike.

import { fetched } from './browser.js'
import { createTaggedCall, type Schema as Shapes } from './call.js'
import type { Json, JsonTree } from './schema.js'

export type Outcome = Shapes['PolicyOutcome']

export interface Read {
  /** Null: there is none yet. */
  readonly value: Json
  readonly etag: string | null
}

export interface Writing {
  readonly dryRun?: 'true'
  readonly reason?: string
  readonly reference?: string
  /** Seconds. */
  readonly confirmWithin?: number
  readonly effectiveAt?: string
  readonly breakGlass?: 'true'
}

export interface PolicySource {
  /** JSON pointer. */
  readonly pointer: string
  /** @throws Refused */
  read(): Promise<Read>
  /** @param value undefined: it goes. @throws Refused */
  write(value: Json | undefined, etag: string | null, query: Writing): Promise<Outcome | Shapes['Proposed']>
  /** For a second person. @throws Refused */
  propose(
    value: Json | undefined,
    query: Pick<Writing, 'reference' | 'effectiveAt'> & { reason: string },
  ): Promise<unknown>
}

const call = createTaggedCall(fetched)
const matching = (etag: string | null) => (etag === null ? {} : { headers: { 'if-match': etag } })

/** Ids of all members, by collection. @throws Refused */
export async function readIds(): Promise<Record<string, readonly string[]>> {
  const { body } = await call('get', '/v1/policy', {})
  const bands = (body as { bands?: readonly { id: string }[] }).bands ?? []
  const named = Object.entries(body).map(([name, members]) => [name, Object.keys(members as object)] as const)
  return { ...Object.fromEntries(named), bands: bands.map(({ id }) => id) }
}

export function sourceOf(collection: string, id: string | null): PolicySource {
  return id === null ? topSource(collection) : partSource(collection, id)
}

function partSource(collection: string, id: string): PolicySource {
  const path = { collection, id }
  const pointer = `/${collection}/${id}`
  return {
    pointer,
    async read() {
      const { body, etag } = await call('get', '/v1/policy/{collection}/{id}', { path })
      return { value: body as JsonTree, etag }
    },
    async write(value, etag, query) {
      const asked = { path, query, ...matching(etag) }
      // What is sent is what the API judges: it says what is wrong with it.
      const put = { ...asked, body: value as never }
      const made =
        value === undefined
          ? await call('delete', '/v1/policy/{collection}/{id}', asked)
          : await call('put', '/v1/policy/{collection}/{id}', put)
      return made.body
    },
    propose: (value, query) =>
      proposed({ changes: [{ pointer, ...(value === undefined ? {} : { after: value }) }] }, query),
  }
}

function topSource(name: string): PolicySource {
  const isWhole = name === 'whole'
  const pointer = isWhole ? '' : `/${name}`
  return {
    pointer,
    async read() {
      const { body, etag } = await call('get', '/v1/policy', {})
      const whole = body as JsonTree
      return { value: (isWhole ? whole : whole[name]) ?? null, etag }
    },
    async write(value, etag, query) {
      const body = isWhole ? value : { ...(await call('get', '/v1/policy', {})).body, [name]: value }
      // Of another revision it is refused, and what is different is said.
      return (await call('put', '/v1/policy', { query, body: body as never, ...matching(etag) })).body
    },
    propose: (value, query) => proposed(isWhole ? value : { changes: [{ pointer, after: value }] }, query),
  }
}

const proposed = (
  body: unknown,
  query: { reason: string; reference?: string; effectiveAt?: string },
): Promise<unknown> => call('post', '/v1/proposals', { query, body: body as never })
