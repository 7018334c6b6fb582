// What has to be typed at a router that has the text of one revision, for it to have that of another: only the lines
// that differ, each below the lines that it stands under, and `no` before what goes. Pure, and works on the texts.
//
// In this order, for IOS refuses to take away what is in use and to put a second policy where one is: policies leave
// interfaces; classes and policies are made and changed; policies come to interfaces; what nothing uses any more goes,
// policies before what they are made of.

import { leftOutSaid } from '../model/left-out.js'
import type { Rendered } from './ios-xe.js'

interface Line {
  readonly text: string
  readonly below: readonly Line[]
}

/** Typed again, these take the place of what was said; whatever else is said twice stands twice. */
const REPLACES = /^(description|shape|police|bandwidth) /

const INTERFACE = 'interface '

interface Sides {
  readonly edge: string
  readonly from: Rendered & { readonly revision: number }
  readonly to: Rendered & { readonly revision: number }
}

/** @returns the lines, with a title; empty where nothing differs */
export function differenceIosXe({ edge, from, to }: Sides): string {
  const [before, after] = [treeOf(from.text), treeOf(to.text)]
  const isPort = ({ text }: Line): boolean => text.startsWith(INTERFACE)
  const isNew = ({ text }: Line): boolean => !before.some((one) => one.text === text)
  const belowOf = (lines: readonly Line[], { text }: Line): readonly Line[] =>
    lines.find((one) => one.text === text)?.below ?? []
  const block = ({ text }: Line, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [text, ...lines, '!']

  const leaving = before.filter(isPort).flatMap((port) => block(port, removed(port.below, belowOf(after, port), 1)))
  const changed = after.flatMap((line) => {
    if (isPort(line)) return []
    if (isNew(line)) return [line.text, ...written(line.below, 1), '!']
    return block(line, changes(belowOf(before, line), line.below, 1))
  })
  const coming = after.filter(isPort).flatMap((port) => block(port, added(belowOf(before, port), port.below, 1)))
  const gone = before.filter((line) => !isPort(line) && !after.some(({ text }) => text === line.text))
  const unused = gone.toReversed().map(({ text }) => `no ${text}`)
  const lines = [...leaving, ...changed, ...coming, ...unused]
  if (lines.length === 0) return ''
  const wasSaid = new Set(from.left.map(leftOutSaid))
  const head = [
    `! Mizani, edge ${edge}, from revision ${from.revision} to revision ${to.revision}.`,
    '! Only for a router that has the former. Experimental: never run on a router.',
    ...to.left.map(leftOutSaid).flatMap((said) => (wasSaid.has(said) ? [] : `! left out ${said}`)),
    `! When it is in force: mizani edge confirm ${edge} --revision ${to.revision}`,
    '!',
  ]
  return [...head, ...lines, 'end', ''].join('\n')
}

/** By how far a line is indented. */
function treeOf(text: string): readonly Line[] {
  const root: { text: string; below: Line[] } = { text: '', below: [] }
  const path = [root]
  for (const line of text.split('\n')) {
    const said = line.trim()
    if (said === '' || said === 'end' || said.startsWith('!')) continue
    const depth = line.length - line.trimStart().length
    const one = { text: said, below: [] as Line[] }
    path.length = depth + 1
    path.at(-1)!.below.push(one)
    path.push(one)
  }
  return root.below
}

const indented = (depth: number, text: string): string => ' '.repeat(depth) + text
const has = (lines: readonly Line[], { text }: Line): boolean => lines.some((one) => one.text === text)

const written = (lines: readonly Line[], depth: number): string[] =>
  lines.flatMap(({ text, below }) => [indented(depth, text), ...written(below, depth + 1)])

/** What goes and is not taken the place of. */
function removed(before: readonly Line[], after: readonly Line[], depth: number): string[] {
  const verbOf = ({ text }: Line): string | undefined => REPLACES.exec(text)?.[1]
  const isReplaced = (line: Line): boolean =>
    verbOf(line) !== undefined && after.some((one) => verbOf(one) === verbOf(line))
  return before
    .filter((line) => !has(after, line) && !isReplaced(line))
    .map(({ text }) => indented(depth, `no ${text}`))
}

/** What is new, and what has changed below what stays. */
const added = (before: readonly Line[], after: readonly Line[], depth: number): string[] =>
  after.flatMap(({ text, below }) => {
    const known = before.find((one) => one.text === text)
    const lines = known === undefined ? written(below, depth + 1) : changes(known.below, below, depth + 1)
    return known !== undefined && lines.length === 0 ? [] : [indented(depth, text), ...lines]
  })

const changes = (before: readonly Line[], after: readonly Line[], depth: number): string[] => [
  ...removed(before, after, depth),
  ...added(before, after, depth),
]
