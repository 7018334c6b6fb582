// What if a link is cut, or half of it is left: answered where somebody looks at it. The server solves it as it would
// solve the real thing, over what is asked now, and keeps nothing.

import type { ComponentChild } from 'preact'
import { useState } from 'preact/hooks'
import { useStore, useWords } from '../store.js'
import { OVERVIEW } from '../words/overview-texts.js'

const CASES = [
  { factor: 0, label: OVERVIEW.whatIfCut },
  { factor: 0.5, label: OVERVIEW.whatIfHalf },
] as const

export function LinkWhatIf({ id }: { readonly id: string }) {
  const store = useStore()
  const { say } = useWords()
  const [asked, setAsked] = useState<number | null>(null)
  const [found, setFound] = useState<ComponentChild>(null)
  const ask = async (factor: number): Promise<void> => {
    setAsked(factor)
    setFound(null)
    try {
      const [{ ImpactShown }, { impact, busyHour }] = await Promise.all([
        import('./impact.js'),
        store.call('post', '/v1/links/{id}/what-if', { path: { id }, body: { factor } }),
      ])
      setFound(<ImpactShown preview={{ impact, busyHour }} warnings={[]} befalls />)
    } catch (error) {
      setAsked(null)
      store.complain(error)
    }
  }
  return (
    <div id="link-what-if">
      <div class="row">
        {CASES.map(({ factor, label }) => (
          <button key={factor} type="button" aria-pressed={asked === factor} onClick={() => void ask(factor)}>
            {say(label)}
          </button>
        ))}
      </div>
      <div role="status">
        {asked !== null && <p class="quiet">{say(found === null ? OVERVIEW.whatIfAsked : OVERVIEW.whatIfHow)}</p>}
        {found}
      </div>
    </div>
  )
}
