// One part of the policy: as it is in force, and to be changed by whoever may. The same page has the plane, the bands
// and the whole policy, which are no collections.

import { useMemo } from 'preact/hooks'
import { type Call, Refused, type Schema } from '../call.js'
import { type Address, definePage, withQuery } from '../page.js'
import type { Lang } from '../page-data.js'
import { Pending } from '../parts/pending.js'
import { PolicyEditor } from '../parts/policy-editor.js'
import { useReady } from '../parts/ready.js'
import { sourceOf } from '../policy-source.js'
import { isTree, type Json, type JsonTree } from '../schema.js'
import { useStore, useWords } from '../store.js'
import { fieldNamed } from '../words/field-texts.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

interface PartData {
  readonly whole: string
  /** Null: there is no such part yet. */
  readonly value: Json
  readonly newest: Schema['Revision'] | null
}

function PolicyPart({ data: { value, newest }, address }: { readonly data: PartData; readonly address: Address }) {
  const store = useStore()
  const { say, lang } = useWords()
  const { collection, id } = placeIn(address)
  const source = useMemo(() => sourceOf(collection, id), [collection, id])
  const isReady = useReady()
  const isText = collection === 'whole' || address.query.get('as') === 'text'
  const mayWrite = store.may('operator', 'engineer')
  return (
    <>
      <p>
        <a href="/policy">{say(POLICY.backToPolicy)}</a>
        {id !== null && (
          <>
            {' · '}
            <a href={`/policy/${collection}`}>{fieldNamed(collection, lang)}</a>
          </>
        )}
      </p>
      <h1>{id === null ? fieldNamed(collection, lang) : (nameIn(value, lang) ?? id)}</h1>
      {id !== null && nameIn(value, lang) !== null && <p class="quiet">{id}</p>}
      {newest?.waits && <Pending {...newest} />}
      {mayWrite && collection !== 'whole' && (
        <p class="row">
          <a href={withHash(address, undefined)} aria-current={isText ? undefined : 'page'}>
            {say(POLICY.asForm)}
          </a>
          <a href={withHash(address, 'text')} aria-current={isText ? 'page' : undefined}>
            {say(POLICY.asText)}
          </a>
        </p>
      )}
      {isReady && mayWrite ? (
        <PolicyEditor key={source.pointer} {...{ collection, id, source, isText, present: value }} />
      ) : (
        <>
          <p class="quiet">{say(mayWrite ? POLICY.noScriptHow : POLICY.mayNot)}</p>
          <PartText {...{ collection, value }} />
        </>
      )}
    </>
  )
}

/** All of the policy is not in a first page: it stands where the API has it. */
function PartText({ collection, value }: { readonly collection: string; readonly value: Json }) {
  const { say } = useWords()
  if (value !== null) return <pre class="card raw">{JSON.stringify(value, null, 2)}</pre>
  if (collection !== 'whole') return <p>{say(TEXTS.notThere)}</p>
  return (
    <p>
      <a href="/v1/policy">{say(POLICY.wholeText)}</a>
    </p>
  )
}

/** What the part is called; null: nothing. */
function nameIn(value: Json, lang: Lang): string | null {
  const name = isTree(value) && isTree(value.name) ? value.name[lang] : undefined
  return typeof name === 'string' && name !== '' ? name : null
}

const withHash = (address: Address, as: string | undefined): string => withQuery(address, { as })

/** `/policy/tiers/gold`, or `/policy/plane`. */
function placeIn({ whole, names }: Address): { readonly collection: string; readonly id: string | null } {
  const { collection, id } = names
  if (collection !== undefined && id !== undefined) return { collection, id }
  return { collection: /^\/policy\/(\w+)/.exec(whole)?.[1] ?? '', id: null }
}

async function read(call: Call, { collection, id }: ReturnType<typeof placeIn>): Promise<Json> {
  if (id === null) {
    const policy = (await call('get', '/v1/policy', {})) as JsonTree
    return (collection === 'whole' ? policy : policy[collection]) ?? null
  }
  try {
    return (await call('get', '/v1/policy/{collection}/{id}', { path: { collection, id } })) as JsonTree
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null
    throw error
  }
}

export const page = definePage<PartData>({
  View: PolicyPart,
  concerns: ['revision'],
  async load({ call, address, before, isFirst }) {
    const whole = address.whole.split('?', 1)[0]!
    const { items } = await call('get', '/v1/policy/revisions', { query: { pageSize: 1 } })
    const newest = items[0] ?? null
    if (before?.whole === whole && before.value !== null) return { ...before, newest }
    const place = placeIn(address)
    // All of it is too much for a first page.
    const value = isFirst && place.collection === 'whole' ? null : await read(call, place)
    return { whole, newest, value }
  },
})
