// Where alarms are told, and which gateways may come in: addresses and accounts of machines, with secrets that are
// shown once.

import { useState } from 'preact/hooks'
import { ifThere, type Schema } from '../call.js'
import { definePage } from '../page.js'
import { turning, turnNow } from '../page-turn.js'
import { Deed } from '../parts/deed.js'
import { InPersonDeed } from '../parts/in-person.js'
import { ShownOnce } from '../parts/once.js'
import { Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'
import { TOLD } from '../words/told-texts.js'

type Webhook = Schema['Webhook']

interface Gateway {
  readonly edge: string
  readonly at: string
  readonly by: string
  readonly state: 'invited' | 'active'
}

interface ToldData {
  readonly turn: number
  readonly webhooks: readonly Webhook[]
  /** Null: no gateway comes from elsewhere here. */
  readonly gateways: readonly Gateway[] | null
}

const SEVERITIES = ['critical', 'major', 'minor'] as const

function Told({ data: { webhooks, gateways } }: { readonly data: ToldData }) {
  const { say } = useWords()
  const [secret, setSecret] = useState<string | null>(null)
  return (
    <>
      <h1>{say(TEXTS.told)}</h1>
      <ShownOnce secret={secret} forget={() => setSecret(null)} />
      <Webhooks webhooks={webhooks} show={setSecret} />
      {gateways !== null && <Gateways gateways={gateways} show={setSecret} />}
    </>
  )
}

interface Showing {
  show(secret: string): void
}

function Webhooks({ webhooks, show }: Showing & { readonly webhooks: readonly Webhook[] }) {
  const store = useStore()
  const { say, state, time } = useWords()
  return (
    <section>
      <h2>{say(TOLD.webhooks)}</h2>
      <p class="quiet">{say(TOLD.how)}</p>
      <Table<Webhook>
        id="webhooks"
        label={TOLD.webhooks}
        empty={TOLD.none}
        rows={webhooks}
        keyOf={({ id }) => id}
        columns={[
          { head: TOLD.url, cell: ({ url }) => <span class="raw">{url}</span> },
          { head: TOLD.severity, cell: ({ severity, regions }) => [state(severity), ...regions].join(', ') },
          {
            head: TOLD.delivered,
            cell: ({ lastDelivered }) => (lastDelivered === null ? say(TEXTS.none) : time(lastDelivered)),
          },
          { head: TOLD.waiting, isNumber: true, cell: ({ waiting }) => waiting },
          {
            ...{ head: TOLD.error, cell: ({ lastError }) => lastError ?? say(TEXTS.none) },
            mark: ({ lastError }) => (lastError === null ? undefined : 'warn'),
          },
          { head: TEXTS.act, look: 'act', cell: (webhook) => <WebhookActs id={webhook.id} show={show} /> },
        ]}
      />
      <InPersonDeed
        id="add-webhook"
        title={TOLD.add}
        done={TOLD.added}
        fields={[
          { name: 'url', label: TOLD.url },
          { name: 'severity', label: TOLD.severity, options: SEVERITIES.map((one) => [one, state(one)] as const) },
          { name: 'regions', label: TOLD.regions, isFree: true },
        ]}
        act={async ({ url = '', severity, regions = '' }) => {
          const body = {
            ...{ url, severity: SEVERITIES.find((one) => one === severity) },
            regions: regions.split(/[\s,;]/).filter(Boolean),
          }
          show((await turning(store.call('post', '/v1/webhooks', { body }))).secret)
        }}
      />
    </section>
  )
}

function WebhookActs({ id, show }: Showing & { readonly id: string }) {
  const store = useStore()
  const { say } = useWords()
  const path = { id }
  return (
    <div class="row">
      <Deed
        title={TOLD.try}
        done={TOLD.reached}
        fields={[]}
        act={async () => {
          const tried = await turning(store.call('post', '/v1/webhooks/{id}/try', { path }))
          return tried.delivered
            ? say(TOLD.reached)
            : [tried.status, tried.reason, tried.answer].filter(Boolean).join(' ')
        }}
      />
      <InPersonDeed
        title={TOLD.rotate}
        done={TOLD.rotated}
        fields={[]}
        act={async () => show((await turning(store.call('post', '/v1/webhooks/{id}/rotate', { path }))).secret)}
      />
      <Deed
        title={TOLD.remove}
        done={TOLD.removed}
        isGrave
        fields={[]}
        act={() => turning(store.call('delete', '/v1/webhooks/{id}', { path }))}
      />
    </div>
  )
}

function Gateways({ gateways, show }: Showing & { readonly gateways: readonly Gateway[] }) {
  const store = useStore()
  const { say, time } = useWords()
  return (
    <section>
      <h2>{say(TOLD.gateways)}</h2>
      <p class="quiet">{say(TOLD.gatewaysHow)}</p>
      <Table
        id="gateways"
        label={TOLD.gateways}
        empty={TOLD.noGateways}
        rows={gateways}
        keyOf={({ edge }) => edge}
        columns={[
          { head: TEXTS.edge, cell: ({ edge }) => <a href={`/edges/${encodeURIComponent(edge)}`}>{edge}</a> },
          { head: TOLD.state, cell: ({ state }) => say(TOLD[state]) },
          { head: TOLD.since, look: 'time', cell: ({ at, by }) => `${time(at)} · ${by}` },
          { head: TEXTS.act, look: 'act', cell: ({ edge }) => <GatewayActs id={edge} show={show} /> },
        ]}
      />
      <InPersonDeed
        id="invite"
        title={TOLD.invite}
        done={TOLD.inviteDone}
        fields={[
          { name: 'edge', label: TOLD.which },
          {
            name: 'over',
            label: TOLD.over,
            options: [
              ['redis', 'Redis'],
              ['https', 'HTTPS'],
            ],
          },
        ]}
        act={async ({ edge = '', over }) => {
          const asked = {
            path: { id: edge },
            query: { over: over === 'https' ? ('https' as const) : ('redis' as const) },
          }
          show((await turning(store.call('post', '/v1/edges/{id}/account', asked))).line)
        }}
      />
    </section>
  )
}

function GatewayActs({ id, show }: Showing & { readonly id: string }) {
  const store = useStore()
  const path = { id }
  return (
    <div class="row">
      <InPersonDeed
        title={TOLD.renew}
        done={TOLD.inviteDone}
        isGrave
        fields={[]}
        act={async () => show((await turning(store.call('post', '/v1/edges/{id}/account/rotate', { path }))).line)}
      />
      <Deed
        title={TOLD.replace}
        done={TOLD.replaced}
        fields={[]}
        act={() => turning(store.call('post', '/v1/edges/{id}/replace', { path }))}
      />
      <Deed
        title={TOLD.endAccount}
        done={TOLD.accountEnded}
        isGrave
        fields={[]}
        act={() => turning(store.call('delete', '/v1/edges/{id}/account', { path }))}
      />
    </div>
  )
}

export const page = definePage<ToldData>({
  View: Told,
  async load({ call, before }) {
    if (before?.turn === turnNow()) return before
    const [webhooks, gateways] = await Promise.all([
      call('get', '/v1/webhooks', { query: { pageSize: 1_000 } }),
      ifThere(call('get', '/v1/edge-accounts', {})),
    ])
    return { turn: turnNow(), webhooks: webhooks.items, gateways: gateways?.items ?? null }
  },
})
