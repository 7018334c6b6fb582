// Cut by tier: a table that is its own picture. A cell says how many institutions are short and how many have no way;
// how dark it is says which part of the tier that is, and nothing that the figures do not say.

import type { Address } from '../page.js'
import { useWords } from '../store.js'
import { PLAN } from '../words/plan-texts.js'
import { TEXTS, type Text } from '../words/texts.js'
import { Choice } from './choice.js'
import { cellId, columnAt, type PlanCell, type PlanTable } from './plan-table.js'
import { Scroll } from './scroll.js'

interface Named {
  readonly id: string
  readonly name: Text
}

interface Hit {
  readonly short: number
  readonly unreachable: number
  readonly of: number
}

export interface CutMatrix {
  readonly services: readonly Named[]
  readonly tiers: readonly Named[]
  readonly cuts: readonly { readonly cut: string; readonly hits: Readonly<Record<string, Hit>> }[]
}

/** Those that hurt most first: the sheet has them in that order. @param service absent: of each the one hurt most */
export function matrixOf(sheet: PlanTable, service: string | null, most: number): CutMatrix {
  const at = (id: string): number => columnAt(sheet, id)
  const [cutAt, tierAt, serviceAt] = [at('cut'), at('tier'), at('service')]
  const [ofAt, shortAt, wayAt] = [at('institutions'), at('short'), at('unreachable')]
  const services = new Map<string, Named>()
  const tiers = new Map<string, Named>()
  const cuts = new Map<string, Record<string, Hit>>()
  for (const row of sheet.rows) {
    const [cut, tier, of] = [String(row[cutAt]), cellId(row[tierAt]), Number(row[ofAt])]
    const served = namedBy(row[serviceAt])
    services.set(served.id, served)
    if (service !== null && served.id !== service) continue
    const hit = { short: Number(row[shortAt]), unreachable: Number(row[wayAt]), of }
    if (hit.short + hit.unreachable === 0) continue
    tiers.set(tier, namedBy(row[tierAt]))
    const hits = cuts.get(cut) ?? {}
    const known = hits[tier]
    if (known === undefined || weight(known) < weight(hit)) hits[tier] = hit
    cuts.set(cut, hits)
  }
  return {
    ...{ services: byId(services), tiers: byId(tiers) },
    cuts: [...cuts].slice(0, most).map(([cut, hits]) => ({ cut, hits })),
  }
}

const byId = (all: ReadonlyMap<string, Named>): Named[] => [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1))

export function namedBy(cell: PlanCell | undefined): Named {
  const id = cellId(cell)
  return { id, name: typeof cell === 'object' && cell !== null ? [cell.en, cell.sw] : [id, id] }
}

const weight = ({ short, unreachable }: Hit): number => short + unreachable

/** Of five shades; 0 is for nobody. */
export const shadeOf = (part: number): number => (part <= 0 ? 0 : Math.min(4, 1 + Math.floor(4 * part)))

export function Matrix({ matrix, address }: { readonly matrix: CutMatrix; readonly address: Address }) {
  const { say } = useWords()
  const { services, tiers, cuts } = matrix
  if (services.length === 0) return <p class="quiet">{say(PLAN.nobodyHurt)}</p>
  return (
    <section>
      <h2>{say(PLAN.matrix)}</h2>
      <p class="quiet">{say(PLAN.matrixHow)}</p>
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label={say(TEXTS.service)}
          name="service"
          address={address}
          options={[['', say(PLAN.everyService)], ...services.map(({ id, name }) => [id, say(name)] as const)]}
        />
      </form>
      <Scroll label={say(PLAN.matrix)}>
        <table id="matrix" class="heat">
          <thead>
            <tr>
              <th scope="col">{say(PLAN.cut)}</th>
              {tiers.map(({ id, name }) => (
                <th key={id} scope="col">
                  {say(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {cuts.map(({ cut, hits }) => (
              <tr key={cut}>
                <th scope="row">{cut}</th>
                {tiers.map(({ id }) => (
                  <Cell key={id} hit={hits[id]} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

function Cell({ hit }: { readonly hit: Hit | undefined }) {
  if (hit === undefined) return <td class="number quiet">·</td>
  const { short, unreachable, of } = hit
  const said = [short > 0 ? `${short}` : '', unreachable > 0 ? `×${unreachable}` : ''].join(' ').trim()
  return <td class={`number heat${shadeOf(weight(hit) / Math.max(1, of))}`}>{said}</td>
}
