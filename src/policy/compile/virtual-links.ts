// Ceilings over several flows, as virtual links: those of the envelopes around an institution, and the one over its
// parts at several edges.
//
// An envelope of the document is a tree over institutions; the solver sees one envelope for each service and direction
// in which somebody below takes part, the outer ones first. A ceiling, of an envelope or of a family, is one more link
// on the path of every flow below it.

import type { Direction } from '../../model/network.js'
import type { PlanEnvelope } from '../../model/plan.js'
import type { PolicyDocument } from '../document/document.js'
import type { Route } from './routing.js'

/** A ceiling over several flows, which the solver sees as one more link. */
export interface VirtualLink {
  readonly id: string
  /** The envelope or institution it stands for. */
  readonly subject: string
  readonly kind: 'envelope' | 'ceiling'
  readonly direction: Direction
  readonly capacity: number
}

export interface VirtualLinks {
  /** In order of first use, numbered after the real links. */
  readonly links: readonly VirtualLink[]
  /** In order of first use, outer ones before inner ones. */
  readonly envelopes: readonly PlanEnvelope[]
  /** Place of the envelope in `envelopes`, -1 for none, and the ceilings of it and of all around it. */
  envelope(
    innermost: string | null,
    service: string,
    direction: Direction,
  ): { readonly at: number; readonly route: Route }
  /** The ceiling of a family. */
  ceiling(id: string, subject: string, direction: Direction, capacity: number): Route
}

/** Numbers virtual links on first use, from `first`. */
export function createVirtualLinks(document: PolicyDocument, first: number): VirtualLinks {
  const links: VirtualLink[] = []
  const envelopes: PlanEnvelope[] = []
  const places = new Map<string, number>()

  const file = (link: VirtualLink): number => first + links.push(link) - 1

  const place = (subject: string | null, service: string, direction: Direction): number => {
    if (subject === null) return -1
    const id = `envelope.${subject}/${service}/${direction}`
    const known = places.get(id)
    if (known !== undefined) return known
    const { parent, ceilings, weights, guarantees } = document.envelopes[subject]!
    const around = place(parent, service, direction)
    const ceiling = ceilings[service]?.[direction]
    const guarantee = guarantees[service]
    places.set(id, envelopes.length)
    return (
      envelopes.push({
        id,
        envelope: subject,
        service,
        direction,
        parent: around,
        ceiling: ceiling === undefined ? -1 : file({ id, subject, kind: 'envelope', direction, capacity: ceiling }),
        weight: weights[service]?.[direction] ?? null,
        guarantee:
          guarantee === undefined || guarantee.size[direction] === 0
            ? null
            : { band: guarantee.band, size: guarantee.size[direction] },
      }) - 1
    )
  }

  return {
    links,
    envelopes,
    envelope(innermost, service, direction) {
      const at = place(innermost, service, direction)
      const route = []
      for (let e = at; e >= 0; e = envelopes[e]!.parent) {
        const { ceiling } = envelopes[e]!
        if (ceiling >= 0) route.push({ link: ceiling, fraction: 1 })
      }
      return { at, route }
    },
    ceiling(id, subject, direction, capacity) {
      const link = places.get(id) ?? file({ id, subject, kind: 'ceiling', direction, capacity })
      places.set(id, link)
      return [{ link, fraction: 1 }]
    },
  }
}
