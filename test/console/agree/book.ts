// What was compared, and what did not agree. A checker that compares nothing finds nothing: so it counts.

export class Book {
  compared = 0
  readonly contradictions: string[] = []
  /** By kind of comparison, so that none goes missing unnoticed. */
  readonly kinds = new Map<string, number>()
  /** Before what is said next: of which situation and page. */
  about = ''

  /** Two that must be the same; whole bit/s may lie `within` of each other. */
  same(kind: string, what: string, a: unknown, b: unknown, within = 0): void {
    this.holds(kind, isSame(a, b, within), () => `${what}: ${said(a)} and ${said(b)}`)
  }

  holds(kind: string, isSo: boolean, what: () => string): void {
    this.compared++
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1)
    if (!isSo) this.contradictions.push(`${this.about}: ${kind}: ${what()}`)
  }
}

const isSame = (a: unknown, b: unknown, within: number): boolean =>
  typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) <= within : said(a) === said(b)

const said = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))
