// That a link is down, carries less, or is up again: said by a person, for a while.

import { now } from '../clock.js'
import { useStore, useWords } from '../store.js'
import { NETWORK } from '../words/network-texts.js'
import { TEXTS, type Text } from '../words/texts.js'
import { Deed } from './deed.js'

interface Props {
  readonly title: Text
  /** Of the link; absent: it is asked for, with a suggestion of those there are. */
  readonly id?: string
  readonly links?: readonly string[]
  /** Whether nothing is said of it so far: of one that carried less, "up" would be no way back. */
  isWhole(link: string): boolean
}

const FACTORS: Readonly<Record<string, { readonly state: 'up' | 'down' } | { readonly factor: number }>> = {
  down: { state: 'down' },
  half: { factor: 0.5 },
  quarter: { factor: 0.25 },
  up: { state: 'up' },
}

export function LinkState({ title, id, links = [], isWhole }: Props) {
  const store = useStore()
  const { say } = useWords()
  return (
    <Deed
      id="link-state"
      title={title}
      done={NETWORK.stateSaid}
      isGrave
      fields={[
        ...(id === undefined
          ? [{ name: 'link', label: NETWORK.whichLink, options: links.map((l) => [l, l] as const) }]
          : []),
        {
          ...{ name: 'state', label: NETWORK.linkIs },
          options: [
            ['down', say(NETWORK.isDown)],
            ['half', say(NETWORK.isHalf)],
            ['quarter', say(NETWORK.isQuarter)],
            ['up', say(NETWORK.isUp)],
          ],
        },
        { name: 'hours', label: NETWORK.hours, type: 'number', value: '2' },
        { name: 'reason', label: TEXTS.reason },
      ]}
      act={({ link = id ?? '', state = 'down', hours = '2', reason = '' }) =>
        store.call('post', '/v1/links/{id}/state', {
          path: { id: link },
          body: { event: `console-${now()}`, ttl: Math.round(Number(hours) * 3_600), reason, ...FACTORS[state] },
        })
      }
      undo={({ link, factor }, { reason = '' }) => {
        if (factor === 1 || !isWhole(link)) return null
        const body = { event: `console-${now()}`, state: 'up' as const, reason }
        return () => store.call('post', '/v1/links/{id}/state', { path: { id: link }, body })
      }}
    />
  )
}
