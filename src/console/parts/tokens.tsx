// Tokens of programs: for which account, with which rights, until when; made here, shown once, ended at once. A person
// makes those of their own account, an administrator those of services.

import { useState } from 'preact/hooks'
import { IN_PERSON } from '../../model/principal.js'
import type { Schema } from '../call.js'
import { turning } from '../page-turn.js'
import { useStore, useWords } from '../store.js'
import { PEOPLE } from '../words/people-texts.js'
import { AccountForm, scopeSaid } from './account-form.js'
import { Deed } from './deed.js'
import { ShownOnce } from './once.js'
import { Table } from './table.js'

interface Props {
  readonly tokens: readonly Schema['Token'][]
  /** The account that makes tokens for itself; absent: an administrator makes them for services. */
  readonly own?: string | undefined
}

export function Tokens({ tokens, own }: Props) {
  const store = useStore()
  const { say, time, role } = useWords()
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <section>
      <h2>{say(PEOPLE.tokens)}</h2>
      <ShownOnce secret={secret} forget={() => setSecret(null)} />
      <Table
        id="tokens"
        label={PEOPLE.tokens}
        empty={PEOPLE.noTokens}
        rows={tokens}
        keyOf={({ id }) => id}
        columns={[
          { head: PEOPLE.tokenName, cell: ({ name }) => name },
          { head: PEOPLE.account, cell: ({ user }) => user },
          { head: PEOPLE.roles, cell: ({ roles }) => roles.map(role).join(', ') },
          { head: PEOPLE.scope, cell: ({ scope }) => scopeSaid(scope, say(PEOPLE.everywhere)) },
          { head: PEOPLE.expires, look: 'time', cell: ({ expires }) => time(expires) },
          {
            head: PEOPLE.end,
            look: 'act',
            cell: ({ id }) => (
              <Deed
                title={PEOPLE.end}
                done={PEOPLE.ended}
                isGrave
                fields={[]}
                act={() => turning(store.call('delete', '/v1/tokens/{id}', { path: { id } }))}
              />
            ),
          },
        ]}
      />
      <details>
        <summary>{say(PEOPLE.addToken)}</summary>
        <AccountForm
          id="add-token"
          title={PEOPLE.addToken}
          done={PEOPLE.madeOnce}
          inPerson
          roles={
            own === undefined ? ['viewer'] : (store.me.value?.roles ?? []).filter((one) => !IN_PERSON.includes(one))
          }
          scope={null}
          fields={[
            ...(own === undefined ? [{ name: 'user', label: PEOPLE.forService }] : []),
            { name: 'name', label: PEOPLE.tokenName },
            { name: 'expires', label: PEOPLE.expires, type: 'date' },
          ]}
          give={async ({ texts: { user = own ?? '', name = '', expires = '' }, roles, scope }) => {
            const body = { user, name, roles, scope, expires: `${expires} 23:59` }
            const made = await turning(store.call('post', '/v1/tokens', { body }))
            setSecret(made.token)
          }}
        />
      </details>
    </section>
  )
}
