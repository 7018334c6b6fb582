// What is done when there is no time: each thing once, in the order in which it is needed, with what it does beside it.

import { type Call, everyPage, ifThere, type Schema } from '../call.js'
import { definePage } from '../page.js'
import { Deed } from '../parts/deed.js'
import { EdgeOrder } from '../parts/edge-order.js'
import { LinkState } from '../parts/link-state.js'
import { GoBack, Sign, useRevisionColumns } from '../parts/revision-deeds.js'
import { Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { fieldNamed } from '../words/field-texts.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { NETWORK } from '../words/network-texts.js'
import { TEXTS } from '../words/texts.js'

interface EmergencyData {
  readonly links: readonly string[]
  /** Of which somebody says that they carry less; null: that is not known. */
  readonly broken: readonly string[] | null
  readonly edges: readonly string[]
  readonly modes: readonly Schema['Mode'][]
  readonly revisions: readonly Schema['Revision'][]
  readonly unsigned: readonly Schema['Revision'][]
}

function Emergency({ data }: { readonly data: EmergencyData }) {
  const store = useStore()
  const { say } = useWords()
  const frozen = (store.status.value?.freeze ?? null) !== null
  return (
    <>
      <h1>{say(TEXTS.emergency)}</h1>
      <p>{say(NETWORK.emergencyHow)}</p>
      <section>
        <h2>{say(NETWORK.freeze)}</h2>
        <p class="quiet">{say(NETWORK.freezeHow)}</p>
        <p>
          {!store.may('operator') ? (
            say(TEXTS.noRights)
          ) : frozen ? (
            <Deed
              title={NETWORK.unfreeze}
              done={NETWORK.unfrozen}
              fields={[]}
              act={() => store.call('post', '/v1/unfreeze', {})}
            />
          ) : (
            <Deed
              id="freeze"
              title={NETWORK.freeze}
              done={NETWORK.frozen}
              isGrave
              fields={[{ name: 'reason', label: TEXTS.reason }]}
              act={({ reason = '' }) => store.call('post', '/v1/freeze', { body: { reason } })}
              undo={() => () => store.call('post', '/v1/unfreeze', {})}
            />
          )}
        </p>
      </section>
      <section>
        <h2>{say(NETWORK.cable)}</h2>
        <p>
          {store.may('operator', 'engineer') ? (
            <LinkState
              title={NETWORK.sayState}
              links={data.links}
              isWhole={(link) => !(data.broken?.includes(link) ?? true)}
            />
          ) : (
            say(TEXTS.noRights)
          )}
        </p>
      </section>
      <section>
        <h2>{say(NETWORK.edgeBypass)}</h2>
        <p>
          {store.may('engineer') ? <EdgeOrder title={NETWORK.orderEdge} edges={data.edges} /> : say(TEXTS.noRights)}
        </p>
      </section>
      <Modes modes={data.modes} />
      <Revisions revisions={data.revisions} />
      <Unsigned unsigned={data.unsigned} />
    </>
  )
}

function Modes({ modes }: { readonly modes: readonly Schema['Mode'][] }) {
  const store = useStore()
  const { say, lang, time } = useWords()
  const { patch } = institutionSentences(lang)
  return (
    <section>
      <h2>{say(NETWORK.modes)}</h2>
      {modes.length === 0 && (
        <p class="quiet">
          {say(NETWORK.noModes)} <a href="/policy/modes">{fieldNamed('modes', lang)}</a>
        </p>
      )}
      <Table
        id="modes"
        label={NETWORK.modes}
        empty={null}
        rows={modes}
        keyOf={({ id }) => id}
        columns={[
          { head: TEXTS.what, cell: ({ name }) => name[lang] },
          { head: NETWORK.held, look: 'prose', cell: ({ patches }) => patches.map((one) => patch(one)).join('; ') },
          { head: NETWORK.until, look: 'time', cell: ({ until }) => (until === null ? say(TEXTS.none) : time(until)) },
          {
            head: TEXTS.act,
            look: 'act',
            cell: ({ id, on }) =>
              store.may('operator') && (
                <Deed
                  title={on ? NETWORK.off : NETWORK.on}
                  done={on ? NETWORK.isOff : NETWORK.isOn}
                  isGrave={!on}
                  fields={[{ name: 'reason', label: TEXTS.reason }]}
                  undo={(_, { reason = '' }) =>
                    on ? null : () => store.call('post', '/v1/modes/{id}/end', { path: { id }, body: { reason } })
                  }
                  act={({ reason = '' }) =>
                    on
                      ? store.call('post', '/v1/modes/{id}/end', { path: { id }, body: { reason } })
                      : store.call('post', '/v1/modes/{id}/activate', { path: { id }, body: { reason } })
                  }
                />
              ),
          },
        ]}
      />
    </section>
  )
}

function Revisions({ revisions }: { readonly revisions: readonly Schema['Revision'][] }) {
  const store = useStore()
  const { say } = useWords()
  const now = store.revision.value
  return (
    <section>
      <h2>{say(NETWORK.rollback)}</h2>
      <Table
        id="revisions"
        label={NETWORK.rollback}
        rows={revisions}
        keyOf={({ revision }) => String(revision)}
        columns={[
          ...useRevisionColumns(),
          {
            head: TEXTS.act,
            look: 'act',
            cell: ({ revision }) =>
              revision !== now && <GoBack to={revision} title={NETWORK.back} done={NETWORK.isBack} isGrave />,
          },
        ]}
      />
    </section>
  )
}

function Unsigned({ unsigned }: { readonly unsigned: readonly Schema['Revision'][] }) {
  const { say } = useWords()
  return (
    <section>
      <h2>{say(NETWORK.breakGlass)}</h2>
      <p class="quiet">
        {say(NETWORK.breakGlassHow)} <a href="/policy">{say(TEXTS.policy)}</a>{' '}
        <code>mizani policy apply --break-glass</code>
      </p>
      <Table
        label={NETWORK.breakGlass}
        empty={NETWORK.noneUnsigned}
        rows={unsigned}
        keyOf={({ revision }) => String(revision)}
        columns={[
          ...useRevisionColumns(),
          {
            head: TEXTS.act,
            look: 'act',
            cell: ({ revision }) => <Sign of={revision} />,
          },
        ]}
      />
    </section>
  )
}

const LATEST = 5

export const page = definePage<EmergencyData>({
  View: Emergency,
  concerns: ['revision', 'override'],
  async load({ call, before }) {
    const all = { pageSize: 1_000 }
    const [links, edges, modes, broken, revisions, unsigned] = await Promise.all([
      before?.links ?? linksOf(call),
      before?.edges ?? edgesOf(call),
      ifThere(call('get', '/v1/modes', { query: all })),
      ifThere(call('get', '/v1/in-force', { query: { ...all, kind: 'LINK_STATE' } })),
      ifThere(call('get', '/v1/policy/revisions', { query: { pageSize: LATEST } })),
      ifThere(call('get', '/v1/policy/revisions', { query: { pageSize: LATEST, unsigned: 'true' } })),
    ])
    return {
      ...{
        links,
        edges,
        broken: broken?.items.map(({ ref }) => ref) ?? null,
        modes: modes?.items ?? [],
        revisions: revisions?.items ?? [],
        unsigned: unsigned?.items ?? [],
      },
    }
  },
})

/** Cables and roads first, then what lies in them. */
async function linksOf(call: Call): Promise<string[]> {
  const links = await everyPage((pageToken) =>
    call('get', '/v1/links', { query: { pageSize: 1_000, pageToken, except: 'access' } }),
  )
  const groups = new Set(links.flatMap((link) => link.groups))
  const ids = new Set(links.filter(({ kind }) => kind !== 'port').map(({ link }) => link))
  return [...[...groups].sort(), ...[...ids].sort()]
}

async function edgesOf(call: Call): Promise<string[]> {
  const edges = await everyPage((pageToken) => call('get', '/v1/edges', { query: { pageSize: 1_000, pageToken } }))
  return edges.map(({ id }) => id)
}
