// Where the picture of the network says something: names stand beside their nodes, figures on their lines, where no
// name and no node is. A name depends on its node alone, a figure on names, nodes and the figures before it; never on
// what it says, so that nothing jumps while figures change.

export type Point = readonly [x: number, y: number]

export interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface NameText {
  readonly lines: readonly string[]
  readonly x: number
  /** Of the first line's foot. */
  readonly y: number
  readonly isEnd: boolean
  readonly box: Box
}

/** In units of the picture, which is this wide. */
export const WIDE = 1_000
/** From foot to foot. */
export const LEADING = 17
/** About what a letter takes. */
const LETTER = 8
/** Longer names take two lines. */
const LONG = 24
const EDGE = 8

export function nameText(name: string, [x, y]: Point): NameText {
  const lines = inLines(name)
  const isEnd = x > 0.85 * WIDE
  const isAbove = isEnd && y < WIDE / 2
  const foot = isAbove ? y - 16 - (lines.length - 1) * LEADING : y + 22
  const side = isEnd ? Math.min(x + 50, WIDE - EDGE) : x + 11
  const wide = LETTER * Math.max(...lines.map(({ length }) => length))
  const [left, right] = isEnd ? [side - wide, side] : [side, side + wide]
  const box = { left, right, top: foot - 14, bottom: foot + 4 + (lines.length - 1) * LEADING }
  return { lines, x: side, y: foot, isEnd, box }
}

/** Broken at the space that is nearest to its middle. */
function inLines(name: string): string[] {
  if (name.length <= LONG) return [name]
  const spaces = [...name.matchAll(/ /g)].map(({ index }) => index)
  const off = (at: number): number => Math.abs(at - name.length / 2)
  const middle = spaces.reduce((a, b) => (off(b) < off(a) ? b : a), spaces[0] ?? name.length)
  return [name.slice(0, middle), name.slice(middle + 1)].filter(Boolean)
}

/** A line from end to end, by the point that bends it. */
export interface Course {
  readonly from: Point
  readonly bend: Point
  readonly to: Point
}

/** Along a line: in the middle if that is free, otherwise as near to it as may be. */
const ALONG = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74]
/** Of "100 %", whatever is said. */
const FIGURE = { wide: 46, high: 18 }

/** The middle of each figure, line by line; a line beside which there is no room is left out. */
export function figurePlaces(courses: ReadonlyMap<string, Course>, taken: readonly Box[]): Map<string, Point> {
  const boxes = [...taken]
  const places = new Map<string, Point>()
  for (const [id, course] of courses) {
    const free = ALONG.map((t) => pointAt(course, t)).find((at) => !boxes.some((box) => meets(box, figureBox(at))))
    if (free === undefined) continue
    places.set(id, free)
    boxes.push(figureBox(free))
  }
  return places
}

const figureBox = ([x, y]: Point): Box => around([x, y], FIGURE.wide / 2, FIGURE.high / 2)

export const around = ([x, y]: Point, wide: number, high: number): Box => ({
  ...{ left: x - wide, right: x + wide, top: y - high, bottom: y + high },
})

const meets = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom

const pointAt = ({ from, bend, to }: Course, t: number): Point => [
  (1 - t) ** 2 * from[0] + 2 * t * (1 - t) * bend[0] + t ** 2 * to[0],
  (1 - t) ** 2 * from[1] + 2 * t * (1 - t) * bend[1] + t ** 2 * to[1],
]
