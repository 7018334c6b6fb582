// A district of the shipped plane: its capital, its largest town and one behind a short uplink, with a tenth of its
// institutions, all of its tiers, links and tests, and upstreams that are as short as the nation's. What does not
// depend on how many there are is tested here, at a tenth of the time.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicyDocument } from '../../src/policy/document/document.js'
import { loadPlane } from '../../src/policy/files/files.js'
import { planeFiles } from '../../src/policy/files/plane-text.js'
import { type Ending, freshFolder } from './place.js'
import { TAIFA } from './root.js'

const EDGES = ['dar-1', 'dodoma-1', 'mwanza-1', 'ndc-dodoma-1']
/** Whom tests speak of by name. */
const NAMED = ['hosp-mnh-upanga']
/** Of those at the two large edges every fifth; at Mwanza all, so that many share its uplink. */
const STRIDE = 5
/** Of the upstreams: with one of them lost, what is promised here does not fit any more, as in the nation. */
const CAPACITY = 0.2

export function district(): PolicyDocument {
  const { document } = loadPlane(TAIFA)
  const { institutions, sites, links, edges, plane } = document!
  const edgesOf = (id: string): string[] =>
    Object.values(sites).flatMap(({ institution, edge }) => (institution === id ? [edge] : []))
  const isKept = (id: string, k: number): boolean => {
    const at = edgesOf(id)
    if (!at.every((edge) => EDGES.includes(edge))) return false
    return k % STRIDE === 0 || at.includes('mwanza-1') || at.length > 1 || NAMED.includes(id)
  }
  const kept = new Set(Object.keys(institutions).filter(isKept))
  const of = <T>(known: Readonly<Record<string, T>>, isOurs: (id: string, one: T) => boolean): Record<string, T> =>
    Object.fromEntries(Object.entries(known).filter(([id, one]) => isOurs(id, one)))
  const smaller = Object.entries(links).map(([id, link]) => {
    if (link.kind !== 'upstream') return [id, link] as const
    const { down, up } = link.capacity
    return [id, { ...link, capacity: { down: down * CAPACITY, up: up * CAPACITY } }] as const
  })
  return {
    ...document!,
    // Nobody waits for a tick for longer than has to be; a busy machine may be late by eight of them.
    plane: { ...plane, timing: { ...plane.timing, tick: 250, staleAfterTicks: 8 } },
    institutions: of(institutions, (id) => kept.has(id)),
    sites: of(sites, (_, { institution }) => kept.has(institution)),
    edges: of(edges, (id) => EDGES.includes(id)),
    links: Object.fromEntries(smaller),
  }
}

/** Its files, as the plane of a program. */
export function districtFolder(ending: Ending): string {
  const folder = freshFolder(ending)
  for (const [file, text] of Object.entries(planeFiles(district()))) writeFileSync(join(folder, file), text)
  return folder
}
