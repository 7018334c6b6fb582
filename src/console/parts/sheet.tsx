// What a page shows, as a sheet (CSV): the API writes it, the browser saves it.

import { useStore, useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'

export function SheetButton({ address, file }: { readonly address: string; readonly file: string }) {
  const store = useStore()
  const { say } = useWords()
  const save = async (): Promise<void> => {
    try {
      const answer = await fetch(address, { headers: { accept: 'text/csv' }, credentials: 'same-origin' })
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      const url = URL.createObjectURL(await answer.blob())
      const link = document.createElement('a')
      link.href = url
      link.download = file
      link.click()
      URL.revokeObjectURL(url)
    } catch (error) {
      store.complain(error)
    }
  }
  return (
    <button type="button" class="sheet" onClick={() => void save()}>
      {say(TEXTS.sheet)}
    </button>
  )
}
