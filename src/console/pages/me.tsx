// What somebody sees to for themselves: their password, their second factors, where they are signed in, their tokens.

import { ifThere, type Schema } from '../call.js'
import { definePage } from '../page.js'
import { turning, turnNow } from '../page-turn.js'
import { Deed } from '../parts/deed.js'
import { InPersonDeed } from '../parts/in-person.js'
import { AddPasskey } from '../parts/passkey.js'
import { Sessions } from '../parts/sessions.js'
import { Table } from '../parts/table.js'
import { Tokens } from '../parts/tokens.js'
import { AddTotp } from '../parts/totp.js'
import { useStore, useWords } from '../store.js'
import { codesLeft, PEOPLE } from '../words/people-texts.js'

interface MeData {
  readonly turn: number
  readonly factors: Schema['Factors'] | null
  readonly sessions: readonly Schema['Session'][]
  readonly tokens: readonly Schema['Token'][]
}

function Me({ data: { factors, sessions, tokens } }: { readonly data: MeData }) {
  const store = useStore()
  const { say, role } = useWords()
  const me = store.me.value
  return (
    <>
      <h1>{say(PEOPLE.me)}</h1>
      <p>
        {me?.actor} · {say(PEOPLE.myRoles)}: {me?.roles.map(role).join(', ')}
      </p>
      {me !== null && me.unvouched.length > 0 && (
        <p class="warn">
          {me.unvouched.map(role).join(', ')}: {say(PEOPLE.unvouched)}
        </p>
      )}
      {me?.person !== true || factors === null ? (
        <p>{say(PEOPLE.byToken)}</p>
      ) : (
        <>
          <Deed
            id="change-password"
            title={PEOPLE.changePassword}
            done={PEOPLE.passwordChanged}
            fields={[
              { name: 'present', label: PEOPLE.present, type: 'password' },
              { name: 'password', label: PEOPLE.next, type: 'password' },
            ]}
            act={async ({ present = '', password = '' }) => {
              store.me.value = await turning(store.call('post', '/v1/me/password', { body: { present, password } }))
            }}
          />
          <Factors factors={factors} />
        </>
      )}
      <Sessions sessions={sessions} />
      {me?.person === true && factors !== null && <Tokens tokens={tokens} own={me.actor} />}
    </>
  )
}

function Factors({ factors: { items, recoveryCodes } }: { readonly factors: Schema['Factors'] }) {
  const store = useStore()
  const { say, time, lang } = useWords()
  return (
    <section>
      <h2>{say(PEOPLE.factors)}</h2>
      <Table
        id="factors"
        label={PEOPLE.factors}
        empty={PEOPLE.noFactors}
        rows={items}
        keyOf={({ id }) => id}
        columns={[
          { head: PEOPLE.name, cell: ({ name, kind }) => `${name} (${say(PEOPLE[kind])})` },
          { head: PEOPLE.since, look: 'time', cell: ({ created }) => time(created) },
          {
            head: PEOPLE.removeFactor,
            look: 'act',
            cell: ({ id }) => (
              <InPersonDeed
                title={PEOPLE.removeFactor}
                done={PEOPLE.factorRemoved}
                isGrave
                fields={[]}
                act={() => turning(store.call('delete', '/v1/me/factors/{id}', { path: { id } }))}
              />
            ),
          },
        ]}
      />
      {items.length > 0 && <p class="quiet">{codesLeft(lang, recoveryCodes)}</p>}
      <div class="row">
        <AddPasskey />
        <AddTotp />
      </div>
    </section>
  )
}

export const page = definePage<MeData>({
  View: Me,
  async load({ call, before }) {
    if (before?.turn === turnNow()) return before
    // A token is no person: it has neither.
    const [factors, sessions, me] = await Promise.all([
      ifThere(call('get', '/v1/me/factors', {})),
      ifThere(call('get', '/v1/sessions', { query: { pageSize: 100 } })),
      call('get', '/v1/me', {}),
    ])
    const { items: tokens } = await call('get', '/v1/tokens', { query: { pageSize: 100, user: me.actor } })
    return { turn: turnNow(), factors, sessions: sessions?.items ?? [], tokens }
  },
})
