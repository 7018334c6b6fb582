// What a tick shows to be wrong, as plain findings: no memory, no judgement of how long. The alarm book makes alarms of
// them.

import type { Short } from '../model/alarm.js'
import type { Board, EdgeBypass } from '../model/board.js'
import { staleAfter } from '../model/line.js'
import { DIRECTIONS } from '../model/network.js'
import { isEscape } from '../model/notice.js'
import { isShortOf, SHORT_LEAST } from '../model/shortfall.js'
import type { BitsPerSecond } from '../model/units.js'
import { askedBy, isSteered, wholesOf, worstOf } from '../model/wholes.js'
import type { AlarmCode } from './alarm-table.js'

export interface Finding {
  readonly code: AlarmCode
  /** Who or what is affected. */
  readonly subject: string
  /** What it comes from; findings of one code and cause are one alarm. */
  readonly cause: string
  /** Null: it concerns everybody. */
  readonly region: string | null
  /** What others say of it, cut: it may change while the finding lasts, and names nothing. */
  readonly said?: string
  readonly short?: Short
}

/** Part of an edge's port that traffic of nobody may take. */
const UNMAPPED_PART = 0.05

export function findingsOf(board: Board): Finding[] {
  return [
    ...ofLinks(board),
    ...ofPromises(board),
    ...ofInstitutions(board),
    ...ofEdges(board),
    ...ofClaims(board),
    ...ofSurroundings(board),
    ...ofUnmapped(board),
    ...ofProof(board),
  ]
}

function ofLinks({ plan, links }: Board): Finding[] {
  const found: Finding[] = []
  plan.links.forEach((link, l) => {
    if (link.virtual || link.kind === 'access') return
    const common = { cause: link.groups[0] ?? link.link, region: null }
    const upstream = link.kind === 'upstream'
    if (link.state === 'down') {
      // Both directions of a cable are cut together.
      const code = upstream ? 'UPSTREAM_LOST' : 'LINK_DOWN'
      if (link.direction === 'down' || !downToo(plan.links, link.link))
        found.push({ code, subject: link.link, ...common })
    } else if (link.state === 'derated' && upstream) {
      found.push({ code: 'UPSTREAM_DERATED', subject: link.id, ...common })
    }
    if (links.unmet[l]! > SHORT_LEAST)
      found.push({ code: 'LINK_SATURATED', subject: link.id, cause: link.link, region: null })
  })
  return found
}

const downToo = (links: Board['plan']['links'], name: string): boolean =>
  links.some(({ link, direction, state }) => link === name && direction === 'down' && state === 'down')

/** Before anybody asks for it: what is promised is more than what a cut or a derate has left. */
function ofPromises({ plan }: Board): Finding[] {
  return plan.shortfalls.map(({ link, promised }) => {
    const { id, link: name, groups, room, state } = plan.links[link]!
    // Where a link is whole, what others have lost came its way: those that are found with it.
    const cause = state === 'up' ? 'rerouted' : (groups[0] ?? name)
    return { code: 'PROMISES_DO_NOT_FIT', subject: id, cause, region: null, short: { promised, usable: room } }
  })
}

function ofInstitutions({ plan, flows }: Board): Finding[] {
  return plan.institutions.flatMap((institution): Finding[] => {
    const { id, region } = institution
    const broken = wholesOf(plan, institution).find((whole) => {
      if (!isSteered(flows, whole)) return false
      const { need, claimed } = askedBy(plan, flows, whole)
      return isShortOf(need, claimed)
    })
    if (broken === undefined) return []
    const { code, id: by } = flows.limitedBy[worstOf(flows, broken)]!
    return [{ code: 'GUARANTEE_BROKEN', subject: id, cause: by ?? code, region }]
  })
}

function ofEdges({ plan, edges, learning, at }: Board): Finding[] {
  if (learning) return []
  const planned = new Map(plan.edges.map((edge) => [edge.id, edge]))
  return edges.flatMap(({ id, state, refusal, lastReport }): Finding[] => {
    const { region = null, line = 'fibre' } = planned.get(id) ?? {}
    const found = (code: AlarmCode): Finding => ({ code, subject: id, cause: id, region })
    // What it refuses is no less so where its lease is over; where it is silent nobody knows.
    const isHeard = lastReport !== null && at - lastReport <= staleAfter(plan.timing, line)
    const refusing = refusal !== null && (state === 'FRESH' || isHeard) ? [found('EDGE_REFUSING')] : []
    if (state === 'SAFE') return [found('EDGE_SAFE'), ...refusing]
    return state === 'STALE' ? [found('EDGE_STALE'), ...refusing] : refusing
  })
}

/** What an edge says that nobody ordered, or that cannot be: with its name. */
function ofClaims({ plan, edges }: Board): Finding[] {
  const regions = new Map(plan.edges.map(({ id, region }) => [id, region]))
  return edges.flatMap(({ id, enforcement, unordered, ceased, unproven, bypasses, doubts }): Finding[] => {
    const common = { cause: id, region: regions.get(id) ?? null }
    const found: Finding[] = doubts.map((doubt) => ({
      ...{ code: 'EDGE_NOT_CREDIBLE', subject: `${id} (${doubt})` },
      ...common,
    }))
    const isAtBox = enforcement !== 'bypass' || bypasses.some(({ institution }) => institution === null)
    if (bypasses.length > 0)
      found.push({ code: 'EDGE_BYPASSED', subject: id, said: listed(bypasses.map(bypassText)), ...common })
    if (unordered !== null && !(unordered === 'bypass' && bypasses.length > 0 && isAtBox))
      found.push({ code: 'EDGE_UNORDERED', subject: id, said: unordered, ...common })
    if (unproven) found.push({ code: 'EDGE_UNPROVEN', subject: id, ...common })
    if (ceased) found.push({ code: 'EDGE_CEASED', subject: id, said: enforcement, ...common })
    return found
  })
}

/** More than this goes uncounted, or that part of the port. */
const UNCOUNTED_LEAST: BitsPerSecond = 1_000_000
const UNCOUNTED_PART = 0.01

/** What an edge has found around it, or somebody beside it. */
function ofSurroundings({ plan, edges }: Board): Finding[] {
  const planned = new Map(plan.edges.map((edge) => [edge.id, edge]))
  return edges.flatMap(({ id, place, second, notices, uncounted }): Finding[] => {
    const { region = null, port = { down: 0, up: 0 } } = planned.get(id) ?? {}
    const found = (code: AlarmCode, subject: string, said?: readonly string[]): Finding => ({
      ...{ code, subject, cause: id, region, ...(said && { said: listed(said.map((name) => cut(name, NAME_SAID))) }) },
    })
    // Where it forwards by tables of its own nobody can count; where there is a way only, nothing has gone yet.
    const escapes = notices.filter((one) => isEscape(one) && (one.used || ['VRF', 'FLOWTABLE'].includes(one.code)))
    const removed = notices.filter(({ code }) => code === 'REMOVED')
    const beyond = DIRECTIONS.filter(
      (way) => uncounted[way] > 0 && uncounted[way] >= Math.min(UNCOUNTED_LEAST, UNCOUNTED_PART * port[way]),
    )
    return [
      ...(second ? [found('EDGE_TWICE', id, [place ?? '?', second.place ?? '?'])] : []),
      ...[...new Set(escapes.map(({ code }) => code))].map((way) =>
        found(
          'EDGE_ESCAPES',
          `${id} ${way}`,
          escapes.filter(({ code }) => code === way).map(({ subject }) => subject),
        ),
      ),
      ...removed.map(({ subject }) => found('EDGE_STRIPPED', id, [subject])),
      ...beyond.map((way) => found('EDGE_UNCOUNTED', `${id} (${way})`)),
      ...(notices.some(({ code }) => code === 'CERTIFICATE')
        ? [{ code: 'CERTIFICATE_EXPIRY', subject: `edge ${id}`, cause: id, region } as const]
        : []),
    ]
  })
}

/** Of what somebody wrote, so much; all of it stands in the list of edges. */
const REASON_SAID = 80
const NAME_SAID = 40
const NAMES_SAID = 3

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most)}…`)

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_SAID
  return `${names.slice(0, NAMES_SAID).join(', ')}${more > 0 ? ` +${more}` : ''}`
}

/** alarm-table.ts says it in Swahili. */
function bypassText({ institution, until, reason }: EdgeBypass): string {
  const end = `${new Date(until).toISOString().slice(0, 19)}Z`
  return `bypass${institution === null ? '' : ` of ${institution}`} until ${end}: ${cut(reason, REASON_SAID)}`
}

function ofUnmapped({ plan, flows }: Board): Finding[] {
  const ports = new Map(plan.edges.map((edge) => [edge.id, edge]))
  return plan.flows.flatMap(({ kind, edge, direction }, f): Finding[] => {
    if (kind !== 'unmapped') return []
    const { port, region } = ports.get(edge)!
    if (!(flows.arrived[f]! > UNMAPPED_PART * port[direction])) return []
    return [{ code: 'UNMAPPED_HIGH', subject: edge, cause: edge, region }]
  })
}

function ofProof({ certificate, plan }: Board): Finding[] {
  if (certificate.ok) return []
  return [{ code: 'CERTIFICATE_FAILING', subject: plan.plane, cause: 'proof', region: null }]
}
