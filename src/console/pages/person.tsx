// One account: its name, roles and scope, its password and second factors, whether it may be used at all, and who has
// vouched for it.

import type { Schema } from '../call.js'
import { definePage } from '../page.js'
import { turning, turnNow } from '../page-turn.js'
import { AccountForm } from '../parts/account-form.js'
import { Deed } from '../parts/deed.js'
import { InPersonDeed } from '../parts/in-person.js'
import { useStore, useWords } from '../store.js'
import { PEOPLE } from '../words/people-texts.js'

type User = Schema['User']

interface PersonData {
  readonly turn: number
  readonly user: User
}

function Person({ data: { user } }: { readonly data: PersonData }) {
  const store = useStore()
  const { say, time } = useWords()
  const { id, name, roles, scope, disabled, created, source, vouched } = user
  const path = { id }
  return (
    <>
      <p>
        <a href="/people">{say(PEOPLE.allAccounts)}</a>
      </p>
      <h1>{name || id}</h1>
      <p>
        {id} · {say(disabled === null ? PEOPLE.enabled : PEOPLE.disabled)} · {time(created.at)} ({created.by}) ·{' '}
        {say(PEOPLE.source)}: {source === 'local' ? say(PEOPLE.byUs) : source}
        {vouched !== null && ` · ${say(PEOPLE.vouchedBy)}: ${vouched.by}`}
      </p>
      <AccountForm
        key={JSON.stringify([name, roles, scope])}
        id="change-account"
        title={PEOPLE.change}
        done={PEOPLE.changed}
        inPerson
        roles={roles}
        scope={scope}
        fields={[{ name: 'name', label: PEOPLE.name, value: name }]}
        give={({ texts, roles: chosen, scope: where }) =>
          turning(
            store.call('patch', '/v1/users/{id}', { path, body: { name: texts.name, roles: chosen, scope: where } }),
          )
        }
      />
      <Acts user={user} />
    </>
  )
}

function Acts({ user: { id, disabled, source } }: { readonly user: User }) {
  const store = useStore()
  const path = { id }
  return (
    <div class="row">
      {disabled === null ? (
        <Deed
          id="disable"
          title={PEOPLE.disable}
          done={PEOPLE.isDisabled}
          isGrave
          fields={[]}
          act={() => turning(store.call('patch', '/v1/users/{id}', { path, body: { disabled: true } }))}
        />
      ) : (
        <InPersonDeed
          id="enable"
          title={PEOPLE.enable}
          done={PEOPLE.isEnabled}
          fields={[]}
          act={() => turning(store.call('patch', '/v1/users/{id}', { path, body: { disabled: false } }))}
        />
      )}
      {source === 'local' && (
        <InPersonDeed
          id="set-password"
          title={PEOPLE.setPassword}
          done={PEOPLE.passwordSet}
          fields={[{ name: 'password', label: PEOPLE.newPassword, type: 'password' }]}
          act={({ password }) => turning(store.call('patch', '/v1/users/{id}', { path, body: { password } }))}
        />
      )}
      <InPersonDeed
        id="reset-factors"
        title={PEOPLE.resetFactors}
        done={PEOPLE.factorsReset}
        isGrave
        fields={[]}
        act={() => turning(store.call('delete', '/v1/users/{id}/factors', { path }))}
      />
      {store.may('approver') && (
        <InPersonDeed
          id="vouch"
          title={PEOPLE.vouch}
          done={PEOPLE.vouched}
          fields={[]}
          act={() => turning(store.call('post', '/v1/users/{id}/vouch', { path }))}
        />
      )}
    </div>
  )
}

export const page = definePage<PersonData>({
  View: Person,
  async load({ call, address, before }) {
    const id = address.names.id ?? ''
    if (before?.turn === turnNow() && before.user.id === id) return before
    return { turn: turnNow(), user: await call('get', '/v1/users/{id}', { path: { id } }) }
  },
})
