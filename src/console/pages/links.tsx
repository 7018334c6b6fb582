// Every link that institutions share, direction by direction: the fullest first, by what is needed and not by what is
// granted, for headroom fills every link every night.

import { everyPage, type Schema } from '../call.js'
import { type Names, namesOf, useNames } from '../names.js'
import { type Address, definePage } from '../page.js'
import { Choice } from '../parts/choice.js'
import { standing, type Way, wayOf } from '../parts/lines.js'
import { endPlaces, endsSaid } from '../parts/link-ends.js'
import { BreakDay } from '../parts/link-runout.js'
import { SheetButton } from '../parts/sheet.js'
import { Table } from '../parts/table.js'
import { type ReadRunout, readRunout } from '../runout.js'
import { useWords } from '../store.js'
import { LINK_KINDS, NETWORK } from '../words/network-texts.js'
import { TEXTS } from '../words/texts.js'

interface LinksData {
  readonly links: readonly Schema['Link'][]
  readonly names: Names
  readonly runout: ReadRunout | null
}

const isBroken = ({ state }: Pick<Way, 'state'>): number => Number(state !== 'up')

type LinkRow = Way & Schema['Link']

const KINDS = ['upstream', 'exchange', 'backbone', 'uplink', 'port', 'datacentre'] as const
const STATES = ['up', 'derated', 'down'] as const

function Links({ data: { links, names, runout }, address }: { readonly data: LinksData; readonly address: Address }) {
  const named = useNames(names)
  const { say, rate, percent, state } = useWords()
  const [kind, wanted] = [address.query.get('kind'), address.query.get('state')]
  const rows = links
    .filter((link) => (kind ?? link.kind) === link.kind && (wanted ?? link.state) === link.state)
    .map((link): LinkRow => ({ ...link, ...wayOf(link) }))
    .sort((a, b) => isBroken(b) - isBroken(a) || b.unmet - a.unmet || b.part - a.part)
  const any = ['', say(TEXTS.everything)] as const
  const breaks = runout?.of ?? null
  return (
    <>
      <h1>{say(TEXTS.links)}</h1>
      <p class="quiet">{say(NETWORK.linksHow)}</p>
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label={say(NETWORK.kind)}
          name="kind"
          address={address}
          options={[any, ...KINDS.map((k) => [k, say(LINK_KINDS[k])] as const)]}
        />
        <Choice
          label={say(TEXTS.state)}
          name="state"
          address={address}
          options={[any, ...STATES.map((s) => [s, state(s)] as const)]}
        />
        <SheetButton address="/v1/links?pageSize=1000&except=access" file="links.csv" />
      </form>
      <Table<LinkRow>
        id="links"
        label={TEXTS.links}
        rows={rows}
        keyOf={({ id }) => id}
        columns={[
          { head: TEXTS.link, cell: ({ id, link }) => <a href={`/links/${encodeURIComponent(link)}`}>{id}</a> },
          { head: NETWORK.kind, cell: (row) => say(LINK_KINDS[row.kind]) },
          { head: NETWORK.way, look: 'prose', cell: (link) => endsSaid(link, named) },
          {
            ...{ head: NETWORK.part, isNumber: true },
            cell: ({ part }) => percent(part),
            mark: standing,
          },
          { head: NETWORK.needed, isNumber: true, cell: ({ needLoad }) => rate(needLoad) },
          { head: TEXTS.carried, isNumber: true, cell: ({ carried }) => rate(carried) },
          { head: NETWORK.usable, isNumber: true, cell: ({ usable }) => rate(usable) },
          {
            ...{ head: TEXTS.unmet, isNumber: true },
            cell: ({ unmet }) => (unmet > 0 ? rate(unmet) : say(TEXTS.none)),
            mark: ({ unmet }) => (unmet > 0 ? 'warn' : undefined),
          },
          {
            ...{ head: TEXTS.state, cell: (row) => state(row.state) },
            mark: (row) => (row.state === 'up' ? undefined : 'broken'),
          },
          ...(breaks === null
            ? []
            : [{ head: NETWORK.runout, cell: ({ id }: LinkRow) => <BreakDay runout={breaks} link={id} /> }]),
        ]}
      />
    </>
  )
}

export const page = definePage<LinksData>({
  View: Links,
  async load({ call, before, isFirst }) {
    const query = { pageSize: 1_000, except: 'access' } as const
    const [links, runout] = await Promise.all([
      everyPage((pageToken) => call('get', '/v1/links', { query: { ...query, pageToken } })),
      isFirst ? null : readRunout(call, before?.runout ?? null),
    ])
    return { links, runout, names: await namesOf(call, links.flatMap(endPlaces), before?.names) }
  },
})
