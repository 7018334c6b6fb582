// A plane with each institution and site so many times, each gateway too, and links as much wider.

import type { Direction } from '../src/model/network.js'
import type { BitsPerSecond } from '../src/model/units.js'
import type { PolicyDocument } from '../src/policy/document/document.js'

type Both = Readonly<Record<Direction, BitsPerSecond>>
const times = (both: Both, factor: number): Both => ({ down: both.down * factor, up: both.up * factor })

/** Entries of a collection, each `count` times, under ids of their own. */
function copied<T>(of: Readonly<Record<string, T>>, count: number, copy: (one: T, n: number) => T): Record<string, T> {
  const entries = Object.entries(of).flatMap(([id, one]) =>
    Array.from({ length: count }, (_, n): [string, T] => [named(id, n), copy(one, n)]),
  )
  return Object.fromEntries(entries)
}
/** The first keeps its id: tests of the policy name it. */
const named = (id: string, n: number): string => {
  const [own, ...rest] = id.split('.')
  return n === 0 ? id : [`${own}-${n}`, ...rest].join('.')
}

export function manyNations(document: PolicyDocument, nations: number, gateways: number): PolicyDocument {
  let site = 0
  const prefixes = (): string[] => {
    site++
    const [high, low] = [site >> 8, site & 255]
    return [`10.${high}.${low}.0/24`, `fd6d:697a:${high.toString(16)}:${low.toString(16)}::/64`]
  }
  const links = Object.entries(document.links).map(([id, link]) => [
    id,
    { ...link, capacity: times(link.capacity as Both, nations) },
  ])
  return {
    ...document,
    links: Object.fromEntries(links) as PolicyDocument['links'],
    edges: copied(document.edges, gateways, (edge) => ({
      ...edge,
      port: times(edge.port as Both, Math.ceil(nations / gateways)),
    })),
    institutions: copied(document.institutions, nations, (one) => one),
    sites: copied(document.sites, nations, (one, n) => ({
      ...one,
      institution: named(one.institution, n),
      edge: named(one.edge, n % gateways),
      prefixes: prefixes(),
    })),
  }
}
