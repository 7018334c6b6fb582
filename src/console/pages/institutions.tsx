// Every institution, in one service and direction: who misses most stands first. Plain rows, so that a browser finds
// text in them and a screen reader counts them; a row is drawn again only when its own figures have changed.

import { Component } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { RESTRICTED } from '../../model/plan.js'
import { everyPage, type Schema } from '../call.js'
import { after } from '../clock.js'
import { type Address, definePage, type Loading, withQuery } from '../page.js'
import { Choice } from '../parts/choice.js'
import { InstitutionLink } from '../parts/institution-link.js'
import { type Institution, inOrder, medians, missing, ORDERS, orderOf } from '../parts/institution-rows.js'
import { Scroll } from '../parts/scroll.js'
import { SheetButton } from '../parts/sheet.js'
import { useStore, useWords } from '../store.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { INSTITUTIONS } from '../words/institutions-texts.js'
import { TEXTS } from '../words/texts.js'
import type { Words } from '../words/words.js'

type Known = Pick<Schema['Institution'], 'id' | 'name' | 'category' | 'region' | 'tier'>

interface InstitutionsData {
  /** Of which question `known` is the answer. */
  readonly asked: string
  readonly known: readonly Known[]
  readonly figures: readonly Schema['Figures'][]
  /** Median need by category, of all there are. */
  readonly medians: readonly (readonly [string, number])[]
  readonly total: number
  /** Without the sum of those that are restricted. */
  readonly found: number
}

/** In the page as the server writes it. */
const FIRST_ROWS = 50
const FILTERS = ['q', 'category', 'region', 'tier', 'limitedBy'] as const

async function load({
  call,
  address: { query },
  before,
  isFirst,
}: Loading<InstitutionsData>): Promise<InstitutionsData> {
  const service = query.get('service') ?? 'internet'
  const direction = query.get('direction') === 'up' ? 'up' : 'down'
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? undefined]))
  const asked = JSON.stringify([service, direction, filters])
  const all = { pageSize: 1_000, service, direction } as const
  const [known, figures] = await Promise.all([
    // Whom a cause holds changes with each tick.
    filters.limitedBy === undefined && before?.asked === asked && before.known.length === before.total
      ? before.known
      : everyPage((pageToken) => call('get', '/v1/institutions', { query: { ...all, ...filters, pageToken } })),
    everyPage((pageToken) => call('get', '/v1/figures', { query: { ...all, pageToken } })),
  ])
  const rows = joined(known, figures)
  const ordered = isFirst ? inOrder(rows, orderOf(query.get('sort')), 'en') : rows
  const shown = isFirst ? ordered.filter(({ id }, at) => at < FIRST_ROWS || id === RESTRICTED) : ordered
  return {
    ...{ asked, total: rows.length, found: rows.filter(({ id }) => id !== RESTRICTED).length },
    known: shown.map(({ flow: _, id, name, category, region, tier }) => ({ id, name, category, region, tier })),
    figures: shown.map(({ flow }) => flow),
    medians: [...medians(rows)],
  }
}

function joined(known: readonly Known[], figures: readonly Schema['Figures'][]): Institution[] {
  const flows = new Map(figures.map((flow) => [flow.id, flow]))
  return known.flatMap((row) => {
    const flow = flows.get(row.id)
    return flow === undefined ? [] : [{ ...row, flow }]
  })
}

function Institutions({ data, address }: { readonly data: InstitutionsData; readonly address: Address }) {
  const words = useWords()
  const { say, lang } = words
  const { found } = institutionSentences(lang)
  const order = orderOf(address.query.get('sort'))
  const rows = inOrder(joined(data.known, data.figures), order, lang)
  const usual = new Map(data.medians)
  const link = linkTo(address)
  return (
    <>
      <h1>{say(TEXTS.institutions)}</h1>
      <Filters address={address} rows={rows} />
      <p id="found" class="quiet">
        {found(data.found)} {rows.some(({ flow }) => flow.estimatedSince !== null) && `${say(TEXTS.estimate)} `}
        <span class="keys">{say(INSTITUTIONS.arrowsHow)}</span>
      </p>
      {rows.length === 0 ? (
        <p class="card">{say(TEXTS.nothingFound)}</p>
      ) : (
        <Scroll label={say(TEXTS.institutions)}>
          <table id="institutions" onKeyDown={walk}>
            <thead>
              <tr>
                <th scope="col">{say(TEXTS.institution)}</th>
                <th scope="col" class="number">
                  {say(TEXTS.demand)}
                </th>
                <th scope="col" class="number">
                  {say(TEXTS.need)}
                </th>
                <th scope="col" class="number">
                  {say(TEXTS.carried)}
                </th>
                <th scope="col" class="number">
                  {say(TEXTS.unmet)}
                </th>
                <th scope="col">{say(TEXTS.limitedBy)}</th>
                <th scope="col" class="number">
                  {say(INSTITUTIONS.median)}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} words={words} usual={usual.get(row.category) ?? null} href={link(row.id)} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </>
  )
}

/** The same service and direction. */
function linkTo({ query }: Address): (id: string) => string {
  const kept = new URLSearchParams()
  for (const name of ['service', 'direction']) {
    const value = query.get(name)
    if (value !== null) kept.set(name, value)
  }
  const said = kept.toString()
  return (id) => `/institutions/${encodeURIComponent(id)}${said === '' ? '' : `?${said}`}`
}

interface RowProps {
  readonly row: Institution
  readonly words: Words
  readonly usual: number | null
  readonly href: string
}

class Row extends Component<RowProps> {
  override shouldComponentUpdate({ row, words, usual, href }: RowProps): boolean {
    const { flow } = row
    const { flow: old } = this.props.row
    if (words !== this.props.words || usual !== this.props.usual || href !== this.props.href) return true
    const isSame = flow.need === old.need && flow.demand === old.demand && flow.carried === old.carried
    const isSaid = flow.estimatedSince === old.estimatedSince && flow.belowGuarantee === old.belowGuarantee
    return !isSame || !isSaid || flow.limitedBy.code !== old.limitedBy.code || flow.limitedBy.id !== old.limitedBy.id
  }

  override render({ row, words: { rate, about, limit, say, lang }, usual, href }: RowProps) {
    const { name, flow } = row
    const lack = missing(flow)
    return (
      <tr>
        <th scope="row">
          <InstitutionLink id={row.id} name={name[lang]} href={href} />
        </th>
        <td class="number">{about(flow.demand, flow)}</td>
        <td class="number">{rate(flow.need)}</td>
        <td class="number">{rate(flow.carried)}</td>
        <td class={lack === null ? 'number' : `number ${lack}`}>
          {flow.unmet > 0 ? about(flow.unmet, flow) : say(TEXTS.none)}
        </td>
        <td>{limit(flow.limitedBy)}</td>
        <td class="number quiet">{rate(usual)}</td>
      </tr>
    )
  }
}

/** Arrows go from link to link, as in a list. */
function walk(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const table = event.currentTarget as HTMLElement
  const links = [...table.querySelectorAll<HTMLElement>('tbody a')]
  const at = links.indexOf(event.target as HTMLElement)
  const next = links[at + step]
  if (step === 0 || at < 0 || next === undefined) return
  event.preventDefault()
  next.focus()
}

function Filters({ address, rows }: { readonly address: Address; readonly rows: readonly Institution[] }) {
  const { say, lang, limitCodes } = useWords()
  const { status } = useStore()
  const any = ['', say(TEXTS.everything)] as const
  /** What there is in the rows, and what is chosen. */
  const among = (name: 'category' | 'region' | 'tier') => {
    const values = new Set(rows.map((row) => row[name]).filter((value) => value !== ''))
    const chosen = address.query.get(name)
    if (chosen !== null) values.add(chosen)
    return [any, ...[...values].sort().map((value) => [value, value] as const)]
  }
  const orders = { unmet: 'byUnmet', name: 'byName', need: 'byNeed', demand: 'byDemand' } as const
  const services = (status.value?.services ?? []).map(({ id, name }) => [id, name[lang]] as const)
  const query = new URLSearchParams([...address.query].filter(([name]) => name !== 'sort'))
  for (const [name, usual] of [
    ['service', 'internet'],
    ['direction', 'down'],
    ['pageSize', '1000'],
  ] as const)
    if (!query.has(name)) query.set(name, usual)
  return (
    <form class="row filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <Search address={address} />
      <Choice label={say(TEXTS.service)} name="service" usual="internet" address={address} options={services} />
      <Choice
        label={say(TEXTS.direction)}
        name="direction"
        usual="down"
        address={address}
        options={(['down', 'up'] as const).map((way) => [way, say(TEXTS[way])] as const)}
      />
      <Choice label={say(TEXTS.category)} name="category" address={address} options={among('category')} />
      <Choice label={say(TEXTS.region)} name="region" address={address} options={among('region')} />
      <Choice label={say(TEXTS.tier)} name="tier" address={address} options={among('tier')} />
      <Choice label={say(INSTITUTIONS.limited)} name="limitedBy" address={address} options={[any, ...limitCodes]} />
      <Choice
        label={say(INSTITUTIONS.sortBy)}
        name="sort"
        usual="unmet"
        address={address}
        options={ORDERS.map((order) => [order, say(INSTITUTIONS[orders[order]])] as const)}
      />
      <SheetButton address={`/v1/institutions?${query}`} file="institutions.csv" />
    </form>
  )
}

const PAUSE = 120

/** Finds while somebody types; the API knows shortened and misspelt words, and whose an address is. */
function Search({ address }: { readonly address: Address }) {
  const store = useStore()
  const { say } = useWords()
  const asked = address.query.get('q') ?? ''
  const [text, setText] = useState(asked)
  useEffect(() => {
    if (text.trim() === asked) return
    return after(PAUSE, () => store.go(withQuery(address, { q: text.trim() }), true))
  }, [text])
  return (
    <label>
      {say(INSTITUTIONS.searchHow)}
      <input
        id="q"
        type="search"
        maxLength={200}
        value={text}
        onInput={({ currentTarget: { value } }) => setText(value)}
      />
    </label>
  )
}

export const page = definePage<InstitutionsData>({ View: Institutions, load })
