// Finds what somebody has in mind by three letters or an address: institutions (the API knows shortened words, and
// whose an IP address is), links, edges, pages, and what may be done. What is found first is one Enter away.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { everyPage } from '../call.js'
import { after } from '../clock.js'
import { findPage, placesFor } from '../routes.js'
import { type Store, useStore, useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'
import type { Action } from './actions.js'
import { Overlay } from './overlay.js'

interface Thing {
  readonly kind: 'institution' | 'link' | 'edge' | 'page'
  readonly name: string
  readonly address: string
}
type Found = Thing | Action

/** Between letters that come at once; nobody types as fast. */
const PAUSE = 20
const MOST = 12
/** Of what may be done so many have a place beside many institutions. */
const MOST_ACTS = 3
/** Of what is found the name is enough. */
const FEW = { service: 'internet', direction: 'down' } as const
/** A field whose list stands below it, and is ours. */
const COMBOBOX = {
  role: 'combobox',
  list: undefined,
  'aria-expanded': 'true',
  'aria-controls': 'palette-found',
} as const
const LEAST_LETTERS = 2

export function Palette() {
  const store = useStore()
  const { say } = useWords()
  const [text, setText] = useState('')
  const [chosen, setChosen] = useState(0)
  const close = (): void => {
    store.overlay.value = null
  }
  const open = (row: Found | undefined): void => {
    if (row === undefined) return
    close()
    if (row.kind === 'act') row.run()
    else store.go(row.address)
  }
  const { found, enter } = useFound(text, open)
  useEffect(() => setChosen(0), [text])
  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || found.length === 0) return
    event.preventDefault()
    setChosen((chosen + step + found.length) % found.length)
  }
  return (
    <Overlay label={say(TEXTS.keyPalette)} class="palette" close={close}>
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault()
          enter(chosen)
        }}
      >
        <input
          id="palette"
          type="search"
          {...COMBOBOX}
          aria-activedescendant={found.length > 0 ? `found-${chosen}` : undefined}
          aria-label={say(TEXTS.keyPalette)}
          placeholder={say(TEXTS.palettePlaceholder)}
          autocomplete="off"
          spellcheck={false}
          maxLength={200}
          value={text}
          onInput={({ currentTarget: { value } }) => setText(value)}
          onKeyDown={move}
        />
      </form>
      <ul id="palette-found" role="listbox" aria-label={say(TEXTS.keyPalette)}>
        {found.map((row, i) => (
          // The field above moves through them; a pointer takes one at once.
          <li key={row.address} id={`found-${i}`} role="option" aria-selected={i === chosen} onClick={() => open(row)}>
            {row.name} <small>{row.kind === 'page' ? '' : say(TEXTS[row.kind])}</small>
          </li>
        ))}
      </ul>
      {found.length === 0 && text.trim().length >= LEAST_LETTERS && <p role="status">{say(TEXTS.paletteEmpty)}</p>}
    </Overlay>
  )
}

/** What the text finds, and what Enter does: where it comes before the answer, what is found first is opened then. */
function useFound(text: string, open: (row: Found | undefined) => void) {
  const store = useStore()
  const [found, setFound] = useState<readonly Found[]>([])
  const asked = useRef('')
  /** Of which text `found` is. */
  const answered = useRef('')
  const hasty = useRef<string | null>(null)
  const known = useMemo(() => once(() => places(store)), [])
  const acts = useRef<(text: string) => readonly Action[]>(() => [])
  useEffect(() => {
    // Until it has come, things are found, and nothing to do.
    import('./actions.js').then(
      ({ actionsNamed }) => {
        acts.current = (letters) => actionsNamed(store, letters)
      },
      () => undefined,
    )
    // The page that most look for is fetched while they type; where the line is gone, opening it says so.
    findPage('/institutions/any').catch(() => undefined)
  }, [])
  useEffect(() => {
    asked.current = text
    const show = (rows: readonly Found[]): void => {
      if (asked.current !== text) return
      answered.current = text
      const [first] = rows
      if (hasty.current === text && first !== undefined) {
        // Once: what else has such a name comes later, and finds the same first.
        hasty.current = null
        open(first)
      } else {
        setFound(rows.slice(0, MOST))
        if (first !== undefined && first.kind !== 'page' && first.kind !== 'act') store.expect(first.address)
      }
    }
    if (text.trim().length < LEAST_LETTERS)
      return show([...pagesNamed(store, text), ...(text.trim() === '' ? [] : acts.current(text))])
    return after(PAUSE, () => {
      search(store, { known, acts: acts.current }, text.trim(), show).catch((error: unknown) => store.complain(error))
    })
  }, [text])
  const enter = (chosen: number): void => {
    if (answered.current === text) open(found[chosen])
    else hasty.current = text
  }
  return { found, enter }
}

function pagesNamed(store: Store, text: string): Thing[] {
  const { say } = store.words.value
  const wanted = text.trim().toLowerCase()
  return placesFor(store.me.value?.roles ?? [])
    .map(({ title, pattern }): Thing => ({ kind: 'page', name: say(title), address: pattern }))
    .filter(({ name }) => name.toLowerCase().includes(wanted))
}

/** Asks when it is wanted first, and no more. */
function once<Answer>(ask: () => Answer): () => Answer {
  let answer: Answer | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}

/** What there is of links and edges: much, so after what is looked for most. */
async function places({ call, lang }: Store): Promise<readonly (Thing & { readonly words: string })[]> {
  const [links, edges] = await Promise.all([
    everyPage((pageToken) => call('get', '/v1/links', { query: { pageSize: 1_000, pageToken, except: 'access' } })),
    everyPage((pageToken) => call('get', '/v1/edges', { query: { pageSize: 1_000, pageToken } })),
  ])
  const ids = [...new Set(links.map(({ link }) => link))]
  return [
    ...edges.map(({ id, name }) => ({
      ...{ kind: 'edge' as const, name: name[lang.value], address: `/edges/${encodeURIComponent(id)}` },
      words: `${id} ${name.en} ${name.sw}`.toLowerCase(),
    })),
    ...ids.map((id) => ({
      ...{ kind: 'link' as const, name: id, address: `/links/${encodeURIComponent(id)}` },
      words: id,
    })),
  ]
}

interface Besides {
  known(): ReturnType<typeof places>
  acts(text: string): readonly Action[]
}

/**
 * Pages that begin so and institutions first, as soon as they are found, then what may be done: nobody who looks for
 * something does something. At last also what else has such a name.
 */
async function search(
  store: Store,
  { known, acts }: Besides,
  text: string,
  show: (rows: readonly Found[]) => void,
): Promise<void> {
  const wanted = text.toLowerCase()
  const pages = pagesNamed(store, text)
  const isBegun = ({ name }: Found): boolean => ` ${name.toLowerCase()}`.includes(` ${wanted}`)
  const institutions = await store.call('get', '/v1/institutions', { query: { q: text, pageSize: MOST, ...FEW } })
  const few = acts(text).slice(0, MOST_ACTS)
  const found: Found[] = [
    // Whoever writes the first letters of a hospital does not mean a page that has them in the midst of a word.
    ...pages.filter(isBegun),
    ...institutions.items.slice(0, MOST - few.length).map(({ id, name }): Thing => {
      return { kind: 'institution', name: name[store.lang.value], address: `/institutions/${encodeURIComponent(id)}` }
    }),
    ...pages.filter((page) => !isBegun(page)),
    ...few,
  ]
  if (found.length > 0) show(found)
  show([...found, ...(await known()).filter(({ words }) => words.includes(wanted))])
}
