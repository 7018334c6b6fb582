// A sheet as text (RFC 4180, and what programs make of it): read into cells that can be mended, and written again with
// one line a row, so that a line that the API names is a row here.

/** Below the header; row 0 is line 2 of what is sent. */
export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const DELIMITERS = [';', '\t', '|', ','] as const

/** Pages of a list that are put together to one sheet. */
const MOST_PAGES = 50

/**
 * A sheet that the API gives in pages: each begins with the same line.
 * @returns the rows of all of them; `isWhole` is false where there are more pages than anybody waits for.
 */
export async function wholeSheet(
  address: string,
  read: (address: string) => Promise<{ readonly text: string; readonly next: string | null }>,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  let whole = ''
  let next: string | null = address
  for (let page = 0; next !== null && page < MOST_PAGES; page++) {
    const found: Awaited<ReturnType<typeof read>> = await read(next)
    whole += page === 0 ? found.text : found.text.slice(found.text.indexOf('\n') + 1)
    next = found.next
  }
  return { text: whole, isWhole: next === null }
}

/** UTF-8, or what older spreadsheets write. */
export function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // It is not UTF-8, and every byte is a letter of Windows-1252.
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** Rows without a single value are left out. */
export function readTable(text: string): Table {
  const plain = text.replace(/^\uFEFF/, '').replace(/^sep=.\r?\n/i, '')
  const delimiter = delimiterOf(plain.slice(0, plain.search(/[\r\n]|$/)))
  const [header = [], ...rows] = cellsOf(plain, delimiter).filter((row) => row.some((cell) => cell !== ''))
  return { header, rows: rows.map((row) => header.map((_, i) => row[i] ?? '')) }
}

/** The one that stands most often in the first line. */
function delimiterOf(line: string): string {
  const count = (sign: string): number => line.split(sign).length
  return DELIMITERS.reduce((best, sign) => (count(sign) > count(best) ? sign : best), ',')
}

function cellsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let isQuoted = false
  const end = (): void => {
    rows.at(-1)!.push(cell.replace(/\s+/g, ' ').trim())
    cell = ''
  }
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!
    if (isQuoted) {
      if (sign !== '"') cell += sign
      else if (text[i + 1] === '"') cell += text[++i]
      else isQuoted = false
    } else if (sign === '"' && cell === '') isQuoted = true
    else if (sign === delimiter) end()
    else if (sign === '\n' || sign === '\r') {
      end()
      rows.push([])
    } else cell += sign
  }
  end()
  return rows
}

export const writeTable = ({ header, rows }: Table): string =>
  [header, ...rows].map((row) => row.map(quoted).join(',')).join('\n')

const quoted = (cell: string): string => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
