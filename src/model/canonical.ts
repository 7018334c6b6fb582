// One value, one text: JSON with the keys of every object in code unit order and no spaces, as RFC 8785 (JCS) asks.
// Hashes and comparisons of policies and profiles are made on this text, so that neither key order nor a file's layout
// is a change.

/**
 * Canonical JSON of plain data. Properties that are undefined are left out, as JSON.stringify does.
 * @throws TypeError for what JSON cannot say (NaN, Infinity, functions, symbols, bigint).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object') throw new TypeError(`JSON has no ${typeof value}`)
  // Plain data: what is left is a record.
  const members = value as Readonly<Record<string, unknown>>
  // Put together at once: what is added bit by bit stays a tree of its bits for as long as it is kept.
  const bits: string[] = []
  for (const key of Object.keys(members).sort()) {
    const member = members[key]
    if (member !== undefined) bits.push(bits.length === 0 ? '{' : ',', JSON.stringify(key), ':', canonicalJson(member))
  }
  return bits.length === 0 ? '{}' : `${bits.join('')}}`
}
