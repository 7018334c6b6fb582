// What a page shows, as a sheet (CSV): the API writes it page by page, the browser saves it as one.

import { Refused } from '../call.js'
import { type Table, wholeSheet, writeTable } from '../sheet-text.js'
import { useStore, useWords } from '../store.js'
import { SHEET } from '../words/sheet-texts.js'

export function SheetButton({ address, file }: { readonly address: string; readonly file: string }) {
  const store = useStore()
  const { say } = useWords()
  const save = async (): Promise<void> => {
    try {
      const { text, isWhole } = await wholeSheet(address, readSheet)
      saveAs(file, text)
      if (!isWhole) store.say(say(SHEET.cut), true)
    } catch (error) {
      store.complain(error)
    }
  }
  return (
    <button type="button" class="sheet" onClick={() => void save()}>
      {say(SHEET.save)}
    </button>
  )
}

/** What the page has in hand already. */
export function SaveTable({ file, table }: { readonly file: string; table(): Table }) {
  const { say } = useWords()
  const save = (): void => {
    const { header, rows } = table()
    saveAs(file, writeTable({ header, rows: rows.map((row) => row.map(plain)) }))
  }
  return (
    <button type="button" class="sheet" onClick={save}>
      {say(SHEET.save)}
    </button>
  )
}

/** A cell that begins so would be a formula; a number may begin with a minus. */
const FORMULA = /^[=+@\t\r]|^-(?!\d+(?:\.\d+)?$)/
const plain = (cell: string): string => (FORMULA.test(cell) ? `'${cell}` : cell)

/** Gives it to whoever looks, as a file. */
export function saveAs(file: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: file.endsWith('.csv') ? 'text/csv' : 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = file
  link.click()
  URL.revokeObjectURL(url)
}

/** @throws Refused, or what fetch throws. */
async function readSheet(address: string) {
  const answer = await fetch(address, { headers: { accept: 'text/csv' }, credentials: 'same-origin' })
  if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => null))
  const [next = '', rel] = (answer.headers.get('link') ?? '').split('; ')
  return { text: await answer.text(), next: rel === 'rel="next"' ? next.slice(1, -1) : null }
}
