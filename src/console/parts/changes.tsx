// What is said differently: each place of the policy, as it was and as it is.

import type { Change } from '../call.js'
import { useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { Table } from './table.js'

/** Characters: a whole collection, which nobody reads as a cell. */
const LONG = 600

interface Props {
  readonly changes: readonly Change[]
  /** The same in words, one for one. */
  readonly words?: readonly { readonly en: string; readonly sw: string }[]
}

export function Changes({ changes, words = [] }: Props) {
  const { say, lang } = useWords()
  const rows = changes.map((change, i) => ({ ...change, said: words[i]?.[lang] }))
  return (
    <Table
      label={POLICY.changes}
      empty={POLICY.noChanges}
      rows={rows}
      keyOf={({ pointer }) => pointer}
      columns={[
        { head: POLICY.place, cell: ({ pointer, said }) => (said === undefined ? <Place pointer={pointer} /> : said) },
        { head: POLICY.before, cell: ({ before }) => <Value value={before} none={say(TEXTS.none)} /> },
        { head: POLICY.after, cell: ({ after }) => <Value value={after} none={say(TEXTS.none)} /> },
      ]}
    />
  )
}

/** A way to the part that it lies in. */
function Place({ pointer }: { readonly pointer: string }) {
  const [, collection = '', id] = pointer.split('/')
  const named = id?.replaceAll('~1', '/').replaceAll('~0', '~')
  if (named === undefined || collection === 'plane' || collection === 'bands') return <code>{pointer || '/'}</code>
  return (
    <a href={`/policy/${collection}/${encodeURIComponent(named)}`}>
      <code>{pointer}</code>
    </a>
  )
}

function Value({ value, none }: { readonly value: unknown; readonly none: string }) {
  if (value === undefined || value === null) return <>{none}</>
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (text.length <= LONG) return <code class="raw">{text}</code>
  // What scrolls has to be reached by keys.
  return (
    <code class="raw long" tabIndex={0}>
      {text}
    </code>
  )
}
