// The network as a picture and, beside it, the same as a table. Each chooses in the other; what is chosen stands in the
// address, so that a link to it shows the same.

import type { Schema } from '../call.js'
import { type Address, withQuery } from '../page.js'
import { useWords } from '../store.js'
import { OVERVIEW } from '../words/overview-texts.js'
import { TEXTS } from '../words/texts.js'
import { byLine, type Line, type LinkSeen } from './lines.js'
import { LinkWhatIf } from './link-what-if.js'
import { Picture } from './picture.js'
import { Scroll } from './scroll.js'

interface Props {
  readonly nodes: readonly Schema['Node'][]
  /** But for access lines, and for an edge's own port, which is the same line once more. */
  readonly links: readonly LinkSeen[]
  readonly address: Address
}

export function NetworkView({ nodes, links, address }: Props) {
  const { say } = useWords()
  const lines = byLine(links)
  const chosen = address.query.get('link')
  const line = lines.find(({ id }) => id === chosen)
  return (
    <section>
      <h2>{say(OVERVIEW.picture)}</h2>
      <p class="quiet">{say(OVERVIEW.pictureHow)}</p>
      <div class="twins">
        <div>
          <Picture nodes={nodes} lines={lines} chosen={chosen} hrefOf={(id) => withQuery(address, { link: id })} />
          {line !== undefined && <Chosen line={line} close={withQuery(address, { link: undefined })} />}
        </div>
        <LineTable lines={lines} chosen={chosen} address={address} />
      </div>
    </section>
  )
}

function Chosen({ line, close }: { readonly line: Line; readonly close: string }) {
  const { say, rate, percent, state } = useWords()
  return (
    <div id="chosen" class="card">
      <h3>
        {line.id} <small>{`${line.ways[0]!.from} → ${line.ways[0]!.to}`}</small>
      </h3>
      <dl>
        {line.ways.map((way) => (
          <div key={way.id}>
            <dt>
              {say(TEXTS[way.direction])}: {state(way.state)}
            </dt>
            <dd>
              {say(OVERVIEW.needed)} {rate(way.needLoad)} ({percent(way.part)}), {say(TEXTS.carried)}{' '}
              {rate(way.carried)}, {say(OVERVIEW.usable)} {rate(way.usable)}
              {way.unmet > 0 && (
                <strong class="warn">
                  , {say(TEXTS.unmet)} {rate(way.unmet)}
                </strong>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {line.ways.some(({ state: standing }) => standing !== 'down') && <LinkWhatIf key={line.id} id={line.id} />}
      <p>
        <a href={close}>{say(TEXTS.close)}</a>
      </p>
    </div>
  )
}

function LineTable({ lines, chosen, address }: { lines: readonly Line[]; chosen: string | null; address: Address }) {
  const { say, rate, percent, state } = useWords()
  const isBroken = ({ state: standing }: Line): number => Number(standing === 'broken')
  const worst = [...lines].sort(
    (a, b) => isBroken(b) - isBroken(a) || b.worst.unmet - a.worst.unmet || b.worst.part - a.worst.part,
  )
  return (
    <Scroll label={say(OVERVIEW.linkTable)}>
      <table id="lines">
        <thead>
          <tr>
            <th scope="col">{say(TEXTS.link)}</th>
            <th scope="col" class="number">
              {say(OVERVIEW.ofUsable)}
            </th>
            <th scope="col" class="number">
              {say(TEXTS.carried)}
            </th>
            <th scope="col" class="number">
              {say(TEXTS.unmet)}
            </th>
            <th scope="col">{say(TEXTS.state)}</th>
          </tr>
        </thead>
        <tbody>
          {worst.map(({ id, worst: way, state: look }) => (
            <tr key={id} class={id === chosen ? 'chosen' : undefined}>
              <th scope="row">
                <a href={withQuery(address, { link: id })} aria-current={id === chosen ? 'true' : undefined}>
                  {id}
                </a>{' '}
                <abbr title={say(TEXTS[way.direction])}>{way.direction === 'down' ? '↓' : '↑'}</abbr>
              </th>
              <td class={`number ${look}`}>{percent(way.part)}</td>
              <td class="number">{rate(way.carried)}</td>
              <td class={way.unmet > 0 ? 'number warn' : 'number'}>
                {way.unmet > 0 ? rate(way.unmet) : say(TEXTS.none)}
              </td>
              <td class={way.state === 'up' ? undefined : 'broken'}>{state(way.state)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
