// The network drawn: where nodes stand the plane says (`at` of each node), so nothing moves when something is added.
// What hangs on one link alone (a point of presence, a data centre) is drawn close to where that link begins, unless
// the plane places it. Width is capacity, colour and dashes are state, and the number says it without either.

import type { Schema } from '../call.js'
import { useWords } from '../store.js'
import { OVERVIEW } from '../words/overview-texts.js'
import type { Line } from './lines.js'
import {
  around,
  type Course,
  figurePlaces,
  LEADING,
  type NameText,
  nameText,
  type Point,
  WIDE,
} from './picture-labels.js'
import { Scroll } from './scroll.js'

type Node = Schema['Node']

interface Props {
  readonly nodes: readonly Node[]
  readonly lines: readonly Line[]
  readonly chosen: string | null
  hrefOf(link: string): string
}

/** Around what is drawn, in units of the picture. */
const MARGIN = 60
/** How far a leaf hangs from its node. */
const HANGS = 34

export function Picture({ nodes, lines, chosen, hrefOf }: Props) {
  const { say, lang, percent } = useWords()
  const places = placesOf(nodes, lines)
  const drawn = lines.filter(({ worst: { from, to } }) => places.at.has(from) && places.at.has(to))
  // What is chosen, and what is worse, lies on top.
  const ordered = [...drawn].sort((a, b) => Number(a.id === chosen) - Number(b.id === chosen) || order(a) - order(b))
  const courses = coursesOf(drawn, places)
  const names = nodes.flatMap((node) => {
    const at = places.at.get(node.id)
    return at === undefined || places.leaves.has(node.id) ? [] : [nameText(node.name[lang], at)]
  })
  const figures = figurePlaces(
    new Map([...courses].filter(([, { from, to }]) => Math.hypot(to[0] - from[0], to[1] - from[1]) > 2 * HANGS)),
    [...names.map(({ box }) => box), ...[...places.at.values()].map((at) => around(at, 9, 9))],
  )
  if (drawn.length === 0) return <p class="card">{say(OVERVIEW.noPlaces)}</p>
  return (
    <figure class="picture">
      <Scroll label={say(OVERVIEW.picture)}>
        <svg viewBox={`0 0 ${WIDE} ${places.high}`} role="group" aria-label={say(OVERVIEW.picture)}>
          {ordered.map((line) => (
            <Edge
              key={line.id}
              line={line}
              course={courses.get(line.id)!}
              isChosen={line.id === chosen}
              href={hrefOf(line.id)}
            />
          ))}
          <g class="said" aria-hidden="true">
            {ordered.map(({ id, worst }) => {
              const at = figures.get(id)
              return at && <FigureMark key={id} said={percent(worst.part)} at={at} />
            })}
            {nodes.map(({ id }) => {
              const at = places.at.get(id)
              return at && <NodeMark key={id} at={at} isLeaf={places.leaves.has(id)} />
            })}
            {names.map((name) => (
              <NameMark key={`${name.x} ${name.y}`} name={name} />
            ))}
          </g>
        </svg>
      </Scroll>
      <figcaption>
        <ul class="legend">
          {(['free', 'tight', 'short', 'broken'] as const).map((state) => (
            <li key={state}>
              <svg viewBox="0 0 40 12" aria-hidden="true">
                <line class={`line ${state}`} x1="2" y1="6" x2="38" y2="6" stroke-width="6" />
              </svg>{' '}
              {say(LEGEND[state])}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  )
}

const LEGEND = {
  free: OVERVIEW.legendFree,
  tight: OVERVIEW.legendTight,
  short: OVERVIEW.legendShort,
  broken: OVERVIEW.legendDown,
} as const
const STATES = ['free', 'tight', 'short', 'broken']
const order = ({ state }: Line): number => STATES.indexOf(state)

function NodeMark({ at: [x, y], isLeaf }: { readonly at: Point; readonly isLeaf: boolean }) {
  return (
    <g class={isLeaf ? 'node leaf' : 'node'}>
      <circle cx={x} cy={y} r={isLeaf ? 5 : 8} />
    </g>
  )
}

function NameMark({ name: { lines, x, y, isEnd } }: { readonly name: NameText }) {
  return (
    <text x={x} y={y} class={isEnd ? 'end' : undefined}>
      {lines.map((line, n) => (
        <tspan key={line} x={x} dy={n === 0 ? 0 : LEADING}>
          {line}
        </tspan>
      ))}
    </text>
  )
}

/** On a ground of its own, or the line would be read as a stroke of it. */
function FigureMark({ said, at: [x, y] }: { readonly said: string; readonly at: Point }) {
  const wide = 8 * said.length + 6
  return (
    <>
      <rect class="ground" x={x - wide / 2} y={y - 9} width={wide} height={18} rx={3} />
      <text class="figure" x={x} y={y + 5}>
        {said}
      </text>
    </>
  )
}

interface EdgeProps {
  readonly line: Line
  readonly course: Course
  readonly isChosen: boolean
  readonly href: string
}

function Edge({ line, course: { from, bend, to }, isChosen, href }: EdgeProps) {
  const { linkSaid, state, rate, percent } = useWords()
  const { worst } = line
  const path = `M ${from[0]} ${from[1]} Q ${bend[0]} ${bend[1]} ${to[0]} ${to[1]}`
  const said = linkSaid(
    line.id,
    state(worst.state),
    // What is written beside it is also said.
    `${rate(worst.needLoad)}, ${percent(worst.part)},`,
    rate(worst.usable),
    worst.unmet > 0 ? rate(worst.unmet) : null,
  )
  return (
    <a href={href} aria-label={said} aria-current={isChosen ? 'true' : undefined} class="edge">
      <title>{said}</title>
      <path class="reach" d={path} />
      {isChosen && <path class="ring" d={path} stroke-width={widthOf(line) + 8} />}
      <path class={`line ${line.state}`} d={path} stroke-width={widthOf(line)} />
    </a>
  )
}

/** 1 Gbit/s and below: thin; ten times as much: 3 more. */
const widthOf = ({ worst: { capacity } }: Line): number =>
  Math.min(12, Math.max(2, Math.round(3 + 3 * Math.log10(Math.max(1, capacity) / 1e9))))

/** How near a line may pass by a node that it does not touch. */
const CLOSE = 24
const APART = 18

/**
 * Lines are straight, but for those that lie beside one of the same ends, which are bent apart in the order of their
 * names, and those that would run through a node that is not theirs.
 */
function coursesOf(lines: readonly Line[], { at, leaves }: Places): Map<string, Course> {
  const nodes = [...at].filter(([node]) => !leaves.has(node))
  const beside = new Map<string, number>()
  const courses = new Map<string, Course>()
  for (const { id, worst } of [...lines].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const ends = [worst.from, worst.to].sort()
    const n = beside.get(ends.join(' ')) ?? 0
    beside.set(ends.join(' '), n + 1)
    const [from, to] = ends.map((end) => at.get(end)!) as [Point, Point]
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1
    const [across, along] = [-(to[1] - from[1]) / length, (to[0] - from[0]) / length]
    // 0, 1, -1, 2, -2: a further one moves none of those before it.
    const side = (n % 2 === 0 ? -1 : 1) * Math.ceil(n / 2) * APART
    const others = nodes.filter(([node]) => !ends.includes(node)).map(([, place]) => place)
    const away = side + detour(others, from, to)
    const [x, y] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]
    courses.set(id, { from, bend: [x + 2 * away * across, y + 2 * away * along], to })
  }
  return courses
}

/** How far a line has to be bent, and to which side, to pass by all of these. */
function detour(others: readonly Point[], from: Point, to: Point): number {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1
  for (const [x, y] of others) {
    const along = ((x - from[0]) * (to[0] - from[0]) + (y - from[1]) * (to[1] - from[1])) / length
    const aside = ((x - from[0]) * -(to[1] - from[1]) + (y - from[1]) * (to[0] - from[0])) / length
    if (along < CLOSE || along > length - CLOSE || Math.abs(aside) > CLOSE) continue
    return aside > 0 ? aside - 3 * CLOSE : aside + 3 * CLOSE
  }
  return 0
}

interface Places {
  readonly at: ReadonlyMap<string, Point>
  /** Nodes that hang on one link. */
  readonly leaves: ReadonlySet<string>
  readonly high: number
}

/** Where each node stands, scaled to the picture; what neither the plane nor a single link places is left out. */
function placesOf(nodes: readonly Node[], lines: readonly Line[]): Places {
  const placed = nodes.filter(({ at }) => at !== null)
  const at = new Map<string, Point>()
  const leaves = new Set<string>()
  if (placed.length === 0) return { at, leaves, high: 0 }
  const xs = placed.map((node) => node.at![0]!)
  const ys = placed.map((node) => node.at![1]!)
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scale = (WIDE - 2 * MARGIN) / Math.max(1, right - left)
  for (const { id, at: place } of placed)
    at.set(id, [Math.round(MARGIN + (place![0]! - left) * scale), Math.round(MARGIN + (place![1]! - top) * scale)])
  const hung = new Map<string, number>()
  for (const { id } of nodes) {
    if (at.has(id)) continue
    const around = lines.filter(({ worst: { from, to } }) => from === id || to === id)
    const [only] = around
    if (around.length !== 1 || only === undefined) continue
    const other = only.worst.from === id ? only.worst.to : only.worst.from
    const from = at.get(other)
    if (from === undefined || leaves.has(other)) continue
    const n = hung.get(other) ?? 0
    hung.set(other, n + 1)
    leaves.add(id)
    const angle = (-125 - 50 * n) * (Math.PI / 180)
    at.set(id, [Math.round(from[0] + HANGS * Math.cos(angle)), Math.round(from[1] + HANGS * Math.sin(angle))])
  }
  return { at, leaves, high: Math.round(2 * MARGIN + (bottom - top) * scale) }
}
