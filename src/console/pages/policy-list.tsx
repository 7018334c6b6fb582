// One collection of the policy: its members by id and name, each with a way to its form.

import { useState } from 'preact/hooks'
import { type Address, definePage } from '../page.js'
import { useReady } from '../parts/ready.js'
import { Table } from '../parts/table.js'
import { isTree, type JsonTree } from '../schema.js'
import { useStore, useWords } from '../store.js'
import { fieldNamed } from '../words/field-texts.js'
import { countSaid, listedSaid, POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'

interface Member {
  readonly id: string
  readonly en: string
  readonly sw: string
}

interface ListData {
  readonly collection: string
  /** Null: the policy has no such collection. */
  readonly members: readonly Member[] | null
  readonly all: number
  /** Of a first page only so many. */
  readonly isWhole: boolean
}

const MOST = 200

function PolicyList({ data: { collection, members, all } }: { readonly data: ListData; readonly address: Address }) {
  const store = useStore()
  const { say, lang } = useWords()
  const isReady = useReady()
  const [wanted, setWanted] = useState('')
  if (members === null) return <h1>{say(TEXTS.notThere)}</h1>
  const found = members.filter((member) =>
    [member.id, member.en, member.sw].some((said) => said.toLowerCase().includes(wanted.trim().toLowerCase())),
  )
  const add = (event: Event): void => {
    event.preventDefault()
    const id = String(new FormData(event.currentTarget as HTMLFormElement).get('id') ?? '').trim()
    store.go(`/policy/${collection}/${encodeURIComponent(id)}`)
  }
  return (
    <>
      <p>
        <a href="/policy">{say(POLICY.backToPolicy)}</a>
      </p>
      <h1>{fieldNamed(collection, lang)}</h1>
      <div class="row">
        <label>
          {say(POLICY.filter)}
          <input
            type="search"
            id="filter"
            value={wanted}
            onInput={({ currentTarget: { value } }) => setWanted(value)}
          />
        </label>
        <span role="status" class="quiet">
          {(wanted === '' ? all : found.length) > MOST
            ? listedSaid(lang, MOST, all)
            : countSaid(lang, found.length, all)}
        </span>
        {store.may('operator') && (
          <form method="post" class="row" onSubmit={add}>
            <label>
              {say(POLICY.another)}
              <input name="id" required maxLength={63} pattern="[a-z0-9][a-z0-9.\-]*" spellcheck={false} />
            </label>
            <button type="submit" disabled={!isReady}>
              {say(POLICY.add)}
            </button>
          </form>
        )}
      </div>
      <Table
        id="members"
        label={POLICY.members}
        rows={found.slice(0, MOST)}
        keyOf={({ id }) => id}
        columns={[
          {
            head: POLICY.id,
            cell: ({ id }) => <a href={`/policy/${collection}/${encodeURIComponent(id)}`}>{id}</a>,
          },
          { head: POLICY.name, cell: (member) => member[lang] || say(TEXTS.none) },
        ]}
      />
    </>
  )
}

function memberNamed(id: string, member: unknown): Member {
  const name: JsonTree =
    isTree(member as never) && isTree((member as JsonTree).name) ? ((member as JsonTree).name as JsonTree) : {}
  return { id, en: String(name.en ?? ''), sw: String(name.sw ?? '') }
}

export const page = definePage<ListData>({
  View: PolicyList,
  concerns: ['revision'],
  async load({ call, address, before, isFirst }) {
    const collection = address.names.collection ?? ''
    if (before?.collection === collection && before.isWhole) return before
    const policy = await call('get', '/v1/policy', {})
    const members = Object.hasOwn(policy, collection) ? policy[collection] : undefined
    if (!isTree(members as never)) return { collection, members: null, all: 0, isWhole: true }
    const all = Object.entries(members as JsonTree).map(([id, member]) => memberNamed(id, member))
    return { collection, members: isFirst ? all.slice(0, MOST) : all, all: all.length, isWhole: !isFirst }
  },
})
