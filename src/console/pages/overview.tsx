// The overview opens with a sentence: who gets what they ask, who does not and why. Then what is wrong, worst first;
// then the network as a picture and as a table, which choose each other's links; then who is short.

import { everyPage, type Schema } from '../call.js'
import { type Address, definePage } from '../page.js'
import { Alarms } from '../parts/alarms.js'
import { InstitutionLink } from '../parts/institution-link.js'
import type { LinkSeen } from '../parts/lines.js'
import { NetworkView } from '../parts/network-view.js'
import { Scroll } from '../parts/scroll.js'
import { useStore, useWords } from '../store.js'
import { OVERVIEW } from '../words/overview-texts.js'
import { TEXTS } from '../words/texts.js'

export interface OverviewData {
  readonly nodes: readonly Schema['Node'][]
  readonly links: readonly LinkSeen[]
}

function Overview({ data, address }: { readonly data: OverviewData; readonly address: Address }) {
  const { status } = useStore()
  const { sentence, tick, inForce } = useWords()
  const now = status.value
  if (now === null) return null
  const holds = inForce(now)
  return (
    <>
      <h1 id="sentence" class="sentence">
        {sentence(now)}
      </h1>
      <p id="tick" class="quiet">
        {tick(now)}
      </p>
      {holds !== '' && (
        <p id="in-force" class="quiet">
          {holds}
        </p>
      )}
      <Alarms />
      <NetworkView nodes={data.nodes} links={data.links} address={address} />
      <Short />
    </>
  )
}

/** Who misses most of what they ask. */
function Short() {
  const { status } = useStore()
  const { say, rate, limit, lang } = useWords()
  const rows = status.value?.shortest ?? []
  return (
    <section>
      <h2>{say(OVERVIEW.shortInstitutions)}</h2>
      {rows.length === 0 ? (
        <p>{status.value?.satisfied.short === 0 ? say(OVERVIEW.nobodyShort) : say(TEXTS.notReady)}</p>
      ) : (
        <Scroll label={say(OVERVIEW.shortInstitutions)}>
          <table id="short">
            <thead>
              <tr>
                <th scope="col">{say(TEXTS.institution)}</th>
                <th scope="col" class="number">
                  {say(OVERVIEW.unmetBoth)}
                </th>
                <th scope="col">{say(OVERVIEW.limitedMost)}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.institution}>
                  <th scope="row">
                    <InstitutionLink id={row.institution} name={row.name[lang]} />
                  </th>
                  <td class={row.belowGuarantee ? 'number bad' : 'number warn'}>{rate(row.unmet)}</td>
                  <td>{limit(row.limitedBy)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  )
}

export const page = definePage<OverviewData>({
  View: Overview,
  async load({ call, before }) {
    const [nodes, links] = await Promise.all([
      before?.nodes ?? everyPage((pageToken) => call('get', '/v1/nodes', { query: { pageSize: 1_000, pageToken } })),
      everyPage((pageToken) => call('get', '/v1/links', { query: { pageSize: 1_000, pageToken, except: 'access' } })),
    ])
    return { nodes, links: links.filter(({ kind }) => kind !== 'port').map(seen) }
  },
})

/** It is written into the page: no more than is drawn. */
const seen = ({
  id,
  link,
  kind,
  direction,
  from,
  to,
  capacity,
  usable,
  needLoad,
  carried,
  unmet,
  state,
}: LinkSeen) => ({
  ...{ id, link, kind, direction, from, to, capacity, usable, needLoad, carried, unmet, state },
})
