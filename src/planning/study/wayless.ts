// Who has no way to a service in the intact network. No cut takes it away and no growth, so every study names them
// first, and counts none of them as kept.

import { DIRECTIONS, type Text } from '../../model/network.js'
import type { Plan } from '../../model/plan.js'
import { text } from './plan-report.js'
import { institutionText, serviceText } from './plan-words.js'
import type { Study } from './study.js'

/** An institution and a service that it cannot reach. */
interface Wayless {
  readonly institution: string
  readonly service: string
  /** Whether another of its sites has a way, in every direction. */
  readonly isPartly: boolean
}

/** In the order of the plan. */
function waylessOf({ institutions, services, flows }: Plan, lost: ReadonlySet<number>): Wayless[] {
  if (lost.size === 0) return []
  return institutions.flatMap(({ id, flows: own }) =>
    services.flatMap(({ id: service }): Wayless[] => {
      const served = own.filter((i) => flows[i]!.service === service)
      if (!served.some((i) => lost.has(i))) return []
      const isGone = DIRECTIONS.some((direction) => {
        const those = served.filter((i) => flows[i]!.direction === direction)
        return those.length > 0 && those.every((i) => lost.has(i))
      })
      return [{ institution: id, service, isPartly: !isGone }]
    }),
  )
}

const SHOWN = 5

/**
 * The sentences that name them; empty: everyone has a way.
 * @param lost flows without a way
 */
export function waylessFindings(study: Pick<Study, 'plan'>, lost = study.plan.unreachable): Text[] {
  const all = waylessOf(study.plan, lost)
  const listed = (some: readonly Wayless[]): Text => {
    const said = some.slice(0, SHOWN).map(({ institution, service }) => {
      const [who, what] = [institutionText(study, institution), serviceText(study, service)]
      return text(`${who.en} (${what.en})`, `${who.sw} (${what.sw})`)
    })
    const more = some.length > SHOWN ? ', …' : ''
    return text(said.map(({ en }) => en).join(', ') + more, said.map(({ sw }) => sw).join(', ') + more)
  }
  const countOf = (some: readonly Wayless[]): number => new Set(some.map(({ institution }) => institution)).size
  const [gone, partly] = [all.filter(({ isPartly }) => !isPartly), all.filter(({ isPartly }) => isPartly)]
  return [
    ...(gone.length === 0 ? [] : [goneText(countOf(gone), listed(gone))]),
    ...(partly.length === 0 ? [] : [partlyText(countOf(partly), listed(partly))]),
  ]
}

const goneText = (some: number, who: Text): Text =>
  some === 1
    ? text(
        `1 institution has no way even with nothing cut: ${who.en}.`,
        `Taasisi 1 haina njia hata bila mkato: ${who.sw}.`,
      )
    : text(
        `${some} institutions have no way even with nothing cut: ${who.en}.`,
        `Taasisi ${some} hazina njia hata bila mkato: ${who.sw}.`,
      )

const partlyText = (some: number, who: Text): Text =>
  text(
    `Even with nothing cut some sites have no way, institutions: ${some}, ${who.en}.`,
    `Hata bila mkato baadhi ya vituo havina njia, taasisi: ${some}, ${who.sw}.`,
  )
