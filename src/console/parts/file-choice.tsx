// A file to choose, in the words of the page: what a browser writes beside its own field is in the browser's language.
// The button is what keys and screen readers find; the field itself only holds the file.

import { useRef, useState } from 'preact/hooks'
import { useWords } from '../store.js'
import { SHEET } from '../words/sheet-texts.js'
import type { Text } from '../words/texts.js'

interface Props {
  readonly label: Text
  readonly accept: string
}

export function FileChoice({ label, accept }: Props) {
  const { say } = useWords()
  const field = useRef<HTMLInputElement>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  return (
    <div class="row">
      <input
        ref={field}
        id="file"
        name="file"
        type="file"
        accept={accept}
        hidden
        onChange={({ currentTarget: { files } }) => setChosen(files?.[0]?.name ?? null)}
      />
      <button type="button" aria-describedby="file-chosen" onClick={() => field.current?.click()}>
        {say(label)}
      </button>
      <span id="file-chosen" role="status">
        {chosen ?? say(SHEET.noFile)}
      </span>
    </div>
  )
}
