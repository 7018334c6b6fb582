// JSON that nobody has checked yet.

export type Tree = Readonly<Record<string, unknown>>

/** Has members, and is no list. */
export const isTree = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the text says; null where it is no JSON, for a schema to refuse. */
export function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
