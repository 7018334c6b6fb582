// A part of the policy as text (JSON), checked while somebody writes it.

import { useEffect, useState } from 'preact/hooks'
import type { Fault } from '../call.js'
import type { Json } from '../schema.js'
import { useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'

interface Props {
  readonly value: Json
  readonly faults: readonly Fault[]
  change(value: Json): void
  /** Whether what stands there can be read; while it cannot, the value is what stood there before. */
  tell(isReadable: boolean): void
}

export function PolicyText({ value, faults, change, tell }: Props) {
  const { say } = useWords()
  const [text, setText] = useState(JSON.stringify(value, null, 2))
  const [wrong, setWrong] = useState<string | null>(null)
  const write = (said: string): void => {
    setText(said)
    try {
      // What it is the API judges.
      change(JSON.parse(said) as Json)
      setWrong(null)
      tell(true)
    } catch (error) {
      setWrong((error as Error).message)
      tell(false)
    }
  }
  useEffect(() => () => tell(true), [])
  const isWrong = wrong !== null || faults.length > 0
  return (
    <div class="field">
      <label for="policy-text">{say(POLICY.asText)}</label>
      <small>{say(POLICY.textHow)}</small>
      <textarea
        id="policy-text"
        class="code"
        rows={Math.min(40, text.split('\n').length + 1)}
        spellcheck={false}
        aria-invalid={isWrong || undefined}
        value={text}
        onInput={({ currentTarget: { value: said } }) => write(said)}
      />
      {wrong !== null && (
        <p class="bad" role="alert">
          {say(POLICY.noText)}: <span lang="en">{wrong}</span>
        </p>
      )}
    </div>
  )
}
