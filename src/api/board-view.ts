// A board is read thousands of times and changes once a tick, so everything that is made of it is made at most once,
// when it is first asked for, and forgotten together with the board. Encoding the national list costs more than
// solving it. What is made for all who ask is no use that the first of them has made of the thread.

import type { Board } from '../model/board.js'
import type { Text } from '../model/network.js'
import type { PlanEdge, PlanInstitution } from '../model/plan.js'
import { briefly } from './alarms/alarms.js'
import type { InForceView } from './in-force/in-force.js'
import { Listing } from './lists.js'
import type { MemoryPort } from './ports.js'
import type { ScopedSight } from './scoped-sight.js'
import { type BoardLists, SeenBoard } from './seen-board.js'
import type {
  AllocationView,
  EdgeView,
  EnvelopeView,
  FiguresView,
  InstitutionView,
  LinkView,
  UnmappedView,
} from './shapes.js'
import { statusView } from './status-view.js'
import * as views from './views.js'

/** What a view shows beside the board. */
export type Remembered = Pick<MemoryPort, 'counters' | 'alarms'>

export type InForceOf = (board: Board) => readonly InForceView[]

/** Makes a thing that all who ask are given alike. */
type ForAll = <T>(make: () => T) => T
const forWhoAsks: ForAll = (make) => make()

/** What goes with every view. */
type About = [version: string, memory?: Remembered, inForce?: InForceOf, forAll?: ForAll]

export class BoardView implements BoardLists {
  readonly board: Board
  #version: string
  #memory: Remembered | undefined
  #inForce: InForceOf
  #forAll: ForAll
  #status: string | undefined
  #institutions: Listing<InstitutionView> | undefined
  readonly #parts = new Map<string, Listing<InstitutionView>>()
  readonly #figures = new Map<string, Listing<FiguresView>>()
  #allocations: Listing<AllocationView> | undefined
  #links: Listing<LinkView> | undefined
  #envelopes: Listing<EnvelopeView> | undefined
  #edges: Listing<EdgeView> | undefined
  #unmapped: Listing<UnmappedView> | undefined
  #details = new Map<string, string>()
  readonly #seen = new WeakMap<ScopedSight, SeenBoard>()
  readonly #statusSeen = new WeakMap<ScopedSight, string>()

  constructor(board: Board, ...[version, memory, inForce = () => [], forAll = forWhoAsks]: About) {
    this.board = board
    this.#forAll = forAll
    this.#version = version
    this.#memory = memory
    this.#inForce = inForce
  }

  get status(): string {
    this.#status ??= this.#forAll(() => this.#makeStatus(() => true))
    return this.#status
  }

  /** With the shortest that are shown, and the others of them in a sum. */
  statusSeenBy(sight: ScopedSight | null): string {
    if (!sight?.inSums) return this.status
    const made = this.#statusSeen.get(sight) ?? this.#forAll(() => this.#makeStatus((id) => sight.shows(id)))
    this.#statusSeen.set(sight, made)
    return made
  }

  #makeStatus(isShown: (institution: string) => boolean): string {
    const { institutions } = this.board.plan
    const nameOf = (id: string): Text | undefined => institutions.find((one) => one.id === id)?.name
    const alarms = this.#memory?.alarms.open().map((alarm) => briefly(alarm, nameOf)) ?? []
    const besides = { alarms, inForce: this.#inForce(this.board) }
    return JSON.stringify(statusView(this.board, this.#version, besides, isShown))
  }

  get institutions(): Listing<InstitutionView> {
    const { board } = this
    this.#institutions ??= this.#listed(() => board.plan.institutions.map((row) => views.institutionView(board, row)))
    return this.#institutions
  }

  /** With their flows of this kind alone. */
  institutionsOf(of: views.FlowKind): Listing<InstitutionView> {
    if (of.service === undefined && of.direction === undefined) return this.institutions
    return this.#kept(this.#parts, of, () =>
      this.institutions.rows.map((row) => ({ ...row, flows: row.flows.filter(views.isOf(of)) })),
    )
  }

  figures(of: views.FlowKind): Listing<FiguresView> {
    return this.#kept(this.#figures, of, () => this.institutions.rows.flatMap((row) => views.figuresView(row, of)))
  }

  #kept<Row extends { readonly id: string }>(
    kept: Map<string, Listing<Row>>,
    { service, direction }: views.FlowKind,
    rows: () => Row[],
  ): Listing<Row> {
    const key = JSON.stringify([service, direction])
    const made = kept.get(key) ?? this.#listed(rows)
    // Of what the plane does not have anybody could ask for without end.
    if (service === undefined || this.board.plan.services.some(({ id }) => id === service)) kept.set(key, made)
    return made
  }

  get allocations(): Listing<AllocationView> {
    const { board } = this
    this.#allocations ??= this.#listed(() => board.plan.flows.map((_, i) => views.allocationView(board, i)))
    return this.#allocations
  }

  get links(): Listing<LinkView> {
    const { board } = this
    this.#links ??= this.#listed(() =>
      board.plan.links.flatMap((_, l) => {
        const link = views.linkView(board, l)
        if (link === null) return []
        const counter = this.#memory?.counters.latest(link.id, board.at)
        if (!counter) return link
        const carried = Math.round(counter.rate)
        return { ...link, carried, measured: carried, measuredBy: 'counter' as const }
      }),
    )
    return this.#links
  }

  get envelopes(): Listing<EnvelopeView> {
    this.#envelopes ??= this.#listed(() => views.envelopeViews(this.board))
    return this.#envelopes
  }

  get edges(): Listing<EdgeView> {
    const { board } = this
    this.#edges ??= this.#listed(() => board.plan.edges.map((edge) => views.edgeView(board, edge)))
    return this.#edges
  }

  get unmapped(): Listing<UnmappedView> {
    const { board } = this
    this.#unmapped ??= this.#listed(() =>
      board.plan.flows.flatMap(({ kind }, i) => (kind === 'unmapped' ? views.unmappedView(board, i) : [])),
    )
    return this.#unmapped
  }

  /** What is shown to whom restricted institutions are a sum; to others it is this. */
  seenBy(sight: ScopedSight | null): BoardLists {
    if (!sight?.inSums) return this
    const seen = this.#seen.get(sight) ?? new SeenBoard(this, sight, this.board.plan, this.#forAll)
    this.#seen.set(sight, seen)
    return seen
  }

  #listed<Row extends { readonly id: string }>(rows: () => Row[]): Listing<Row> {
    return this.#forAll(() => new Listing(rows()))
  }

  /** One encoded subject with its details. */
  institution(institution: PlanInstitution): string {
    return this.#detail(`institution ${institution.id}`, () => views.institutionDetail(this.board, institution))
  }

  link(link: LinkView, sight: ScopedSight | null): string {
    if (sight?.inSums) return JSON.stringify(views.linkDetail(this.board, link, (id) => sight.shows(id)))
    return this.#detail(`link ${link.id}`, () => views.linkDetail(this.board, link, () => true))
  }

  edge(edge: PlanEdge): string {
    return this.#detail(`edge ${edge.id}`, () => views.edgeDetail(this.board, edge))
  }

  #detail(key: string, make: () => unknown): string {
    const kept = this.#details.get(key)
    if (kept !== undefined) return kept
    const made = JSON.stringify(make())
    this.#details.set(key, made)
    return made
  }
}

/** The view of each board, for as long as somebody shows the board. */
export function boardViews(...about: About): (board: Board) => BoardView {
  const kept = new WeakMap<Board, BoardView>()
  return (board) => {
    const view = kept.get(board) ?? new BoardView(board, ...about)
    kept.set(board, view)
    return view
  }
}
