// People and services that have an account: who may do what and where, who is signed in, which tokens there are, and
// the account for the night on which nobody can sign in.

import { useState } from 'preact/hooks'
import { everyPage, ifThere, type Schema } from '../call.js'
import { definePage } from '../page.js'
import { turning, turnNow } from '../page-turn.js'
import { AccountForm, scopeSaid } from '../parts/account-form.js'
import { InPersonDeed } from '../parts/in-person.js'
import { ShownOnce } from '../parts/once.js'
import { Sessions } from '../parts/sessions.js'
import { Table } from '../parts/table.js'
import { Tokens } from '../parts/tokens.js'
import { useStore, useWords } from '../store.js'
import { PEOPLE } from '../words/people-texts.js'
import { TEXTS } from '../words/texts.js'

type User = Schema['User']

interface PeopleData {
  readonly turn: number
  readonly users: readonly User[]
  readonly sessions: readonly Schema['Session'][]
  readonly tokens: readonly Schema['Token'][]
}

function People({ data }: { readonly data: PeopleData }) {
  const { say } = useWords()
  return (
    <>
      <h1>{say(TEXTS.people)}</h1>
      <p class="quiet">{say(PEOPLE.how)}</p>
      <p>
        <a href="/me">{say(PEOPLE.me)}</a> · <a href="/told">{say(TEXTS.told)}</a>
      </p>
      <Accounts users={data.users} />
      <Sessions sessions={data.sessions} />
      <Tokens tokens={data.tokens} />
      <Emergency />
    </>
  )
}

function Accounts({ users }: { readonly users: readonly User[] }) {
  const store = useStore()
  const { say, role } = useWords()
  return (
    <section>
      <h2>{say(PEOPLE.accounts)}</h2>
      <Table
        id="accounts"
        label={PEOPLE.accounts}
        rows={users}
        keyOf={({ id }) => id}
        columns={[
          { head: PEOPLE.account, cell: ({ id }) => <a href={`/people/${encodeURIComponent(id)}`}>{id}</a> },
          { head: PEOPLE.name, cell: ({ name }) => name },
          { head: PEOPLE.roles, cell: ({ roles }) => roles.map(role).join(', ') },
          { head: PEOPLE.scope, cell: ({ scope }) => scopeSaid(scope, say(PEOPLE.everywhere)) },
          {
            head: PEOPLE.state,
            cell: ({ disabled, person, chosen }) =>
              [
                say(disabled === null ? PEOPLE.enabled : PEOPLE.disabled),
                ...(person ? [] : [say(PEOPLE.service)]),
                ...(person && !chosen ? [say(PEOPLE.notChosen)] : []),
              ].join(' · '),
            mark: ({ disabled }) => (disabled === null ? undefined : 'warn'),
          },
          {
            head: PEOPLE.vouchedBy,
            cell: ({ vouched }) =>
              vouched === null
                ? say(TEXTS.none)
                : vouched.lapsed
                  ? `${vouched.by} (${say(PEOPLE.lapsed)})`
                  : vouched.by,
          },
        ]}
      />
      <details>
        <summary>{say(PEOPLE.addAccount)}</summary>
        <AccountForm
          id="add-account"
          title={PEOPLE.addAccount}
          done={PEOPLE.added}
          inPerson
          roles={['viewer']}
          scope={null}
          fields={[
            { name: 'id', label: PEOPLE.id },
            { name: 'name', label: PEOPLE.name },
            { name: 'password', label: PEOPLE.password, type: 'password', isFree: true },
          ]}
          give={({ texts: { id = '', name, password = '' }, roles, scope }) =>
            turning(
              store.call('post', '/v1/users', {
                body: { id, name, roles, scope, password: password === '' ? null : password },
              }),
            )
          }
        />
      </details>
    </section>
  )
}

function Emergency() {
  const store = useStore()
  const { say } = useWords()
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <section>
      <h2>{say(PEOPLE.emergency)}</h2>
      <p class="quiet">{say(PEOPLE.emergencyHow)}</p>
      <ShownOnce secret={secret} forget={() => setSecret(null)} />
      <div class="row">
        <InPersonDeed
          title={PEOPLE.seal}
          done={PEOPLE.sealed}
          isGrave
          fields={[]}
          act={async () => setSecret((await store.call('post', '/v1/emergency-account', {})).password)}
        />
        {store.may('approver') && (
          <InPersonDeed
            title={PEOPLE.signUse}
            done={PEOPLE.useSigned}
            fields={[]}
            act={() => store.call('post', '/v1/emergency-account/sign', {})}
          />
        )}
      </div>
    </section>
  )
}

export const page = definePage<PeopleData>({
  View: People,
  async load({ call, before }) {
    if (before?.turn === turnNow()) return before
    const query = (pageToken: string | undefined) => ({ query: { pageSize: 1_000, pageToken } })
    const [users, sessions, tokens] = await Promise.all([
      everyPage((token) => call('get', '/v1/users', query(token))),
      // A token is no person, and sees none.
      ifThere(everyPage((token) => call('get', '/v1/sessions', query(token)))),
      everyPage((token) => call('get', '/v1/tokens', query(token))),
    ])
    return { turn: turnNow(), users, sessions: sessions ?? [], tokens }
  },
})
