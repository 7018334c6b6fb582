// Who is signed in, from where, and since when; ended from here.

import type { Schema } from '../call.js'
import { turning } from '../page-turn.js'
import { useStore, useWords } from '../store.js'
import { PEOPLE } from '../words/people-texts.js'
import { Deed } from './deed.js'
import { Table } from './table.js'

export function Sessions({ sessions }: { readonly sessions: readonly Schema['Session'][] }) {
  const store = useStore()
  const { say, time } = useWords()
  return (
    <section>
      <h2>{say(PEOPLE.sessions)}</h2>
      <Table
        id="sessions"
        label={PEOPLE.sessions}
        empty={PEOPLE.noSessions}
        rows={sessions}
        keyOf={({ id }) => id}
        columns={[
          { head: PEOPLE.account, cell: ({ user, own }) => (own ? `${user} (${say(PEOPLE.thisOne)})` : user) },
          { head: PEOPLE.address, cell: ({ address, via }) => `${address} · ${via}` },
          { head: PEOPLE.begun, look: 'time', cell: ({ begun }) => time(begun) },
          { head: PEOPLE.seen, look: 'time', cell: ({ seen }) => time(seen) },
          { head: PEOPLE.expires, look: 'time', cell: ({ expires }) => time(expires) },
          {
            head: PEOPLE.end,
            look: 'act',
            cell: ({ id, own }) =>
              !own && (
                <Deed
                  title={PEOPLE.end}
                  done={PEOPLE.ended}
                  fields={[]}
                  act={() => turning(store.call('delete', '/v1/sessions/{id}', { path: { id } }))}
                />
              ),
          },
        ]}
      />
    </section>
  )
}
