// Why a gateway does not take what it is told: in words, and then what it said itself, as it said it.

import type { Schema } from '../call.js'
import { useWords } from '../store.js'
import { REFUSED } from '../words/network-texts.js'

export function Refusal({ refusal: { code, detail } }: { readonly refusal: NonNullable<Schema['Edge']['refusal']> }) {
  const { say } = useWords()
  return (
    <>
      {say(REFUSED[code])}{' '}
      <small lang="en">
        ({code}: {detail})
      </small>
    </>
  )
}
