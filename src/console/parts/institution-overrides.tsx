// What holds for an institution for a while: until when, whose it is and why; ended from here, and made from here.

import type { Schema } from '../call.js'
import { collectionOf } from '../collections.js'
import { type Names, useNames } from '../names.js'
import { useStore, useWords } from '../store.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'
import { Deed } from './deed.js'
import { useServiceName } from './request.js'
import { Table } from './table.js'

interface Props {
  readonly id: string
  readonly service: string
  readonly overrides: readonly Schema['Override'][]
  readonly names: Names
}

export function Overrides({ id, service, overrides, names }: Props) {
  const [named, serviceName] = [useNames(names), useServiceName()]
  const called = (kind: string, of: string): string =>
    kind === 'service' ? serviceName(of) : named(collectionOf(kind), of)
  const store = useStore()
  const { say, time, lang } = useWords()
  const { patch } = institutionSentences(lang)
  return (
    <section id="overrides">
      <h2>{say(INSTITUTION.overrides)}</h2>
      <Table
        label={INSTITUTION.overrides}
        empty={INSTITUTION.noOverrides}
        rows={overrides}
        keyOf={(override) => override.id}
        columns={[
          { head: TEXTS.what, cell: (override) => patch(override.patch, called) },
          {
            head: INSTITUTION.from,
            cell: ({ from }) => time(from),
          },
          { head: INSTITUTION.until, look: 'time', cell: ({ until }) => time(until) },
          { head: TEXTS.reason, look: 'prose', cell: ({ reason }) => reason },
          { head: INSTITUTION.owner, cell: ({ owner }) => owner },
          {
            head: TEXTS.act,
            look: 'act',
            cell: (override) =>
              store.may('operator') && (
                <Deed
                  title={INSTITUTION.end}
                  done={INSTITUTION.ended}
                  fields={[]}
                  act={() => store.call('delete', '/v1/overrides/{id}', { path: { id: override.id } })}
                />
              ),
          },
        ]}
      />
      {store.may('operator') && (
        <p>
          <Deed
            key={service}
            id="add-override"
            title={INSTITUTION.addOverride}
            done={INSTITUTION.isPut}
            fields={[
              { name: 'ceiling', label: INSTITUTION.newCeiling },
              { name: 'hours', label: INSTITUTION.forHours, type: 'number', value: '2' },
              { name: 'reason', label: TEXTS.reason },
            ]}
            act={({ ceiling = '', hours = '', reason = '' }) => {
              const patch = { on: { institution: id }, ceilings: { [service]: ceiling } }
              const seconds = Math.round(Number(hours) * 3_600)
              return store.call('post', '/v1/overrides', { body: { patch, seconds, reason } })
            }}
            undo={({ id }) =>
              () =>
                store.call('delete', '/v1/overrides/{id}', { path: { id } })
              }
          />
        </p>
      )}
    </section>
  )
}
