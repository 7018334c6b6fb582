// What somebody does not see of an answer although it tells of nobody they may not see. A filter that hides too much is
// found by nobody who looks for what it lets through: a list is empty, a cause is null, a sentence is three dots.

/** A reader who does not see all has a tag for it. */
const DIGEST = /sha256:[0-9a-f]{64}|keyed:[0-9a-f]{32}/g

/** What tells rows of a list apart, in the order in which it is looked for. */
const KEYS = ['id', 'flow', 'subject', 'site', 'institution', 'link', 'pointer', 'name', 'code']

/**
 * Places of an answer at which nothing, or something of another kind, stands for what is nobody else's.
 * @param all the answer to somebody who sees everything, `seen` the same one to somebody who does not
 * @param unseen what tells of whom they do not see
 */
export function losses(all: unknown, seen: unknown, unseen: RegExp, at = ''): string[] {
  const text = JSON.stringify(all) ?? ''
  const tells = unseen.test(text)
  if (isBare(all) || (tells && !isNested(all))) return []
  const lost = `${at}: ${text.slice(0, 120)}, seen as ${JSON.stringify(seen)?.slice(0, 60)}`
  if (isBare(seen)) return tells ? [] : [lost]
  if (typeof all !== typeof seen || Array.isArray(all) !== Array.isArray(seen)) return [lost]
  if (typeof all === 'string') return String(seen).includes('…') && !all.includes('…') ? [lost] : []
  if (!isNested(all)) return []
  if (Array.isArray(all)) return all.flatMap((row) => ofRow(row, seen as unknown[], unseen, at))
  return Object.entries(all).flatMap(([key, inner]) =>
    unseen.test(key) ? [] : losses(inner, (seen as Record<string, unknown>)[key], unseen, `${at}/${key}`),
  )
}

function ofRow(row: unknown, seen: readonly unknown[], unseen: RegExp, at: string): string[] {
  const key = keyOf(row)
  const found = seen.find((one) => keyOf(one) === key)
  if (found === undefined && unseen.test(JSON.stringify(row))) return []
  return losses(row, found, unseen, `${at}/${key}`)
}

function keyOf(row: unknown): string {
  const key = isNested(row) ? KEYS.find((name) => name in row && row[name] !== null) : undefined
  return JSON.stringify(isNested(row) && key !== undefined ? row[key] : row).replaceAll(DIGEST, 'digest')
}

const isNested = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const isBare = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (isNested(value) && Object.keys(value).length === 0)
