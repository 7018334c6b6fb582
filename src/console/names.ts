// Names of what a page has ids of: asked for together, by collection and id, and kept with the page's own data.

import { useEffect, useState } from 'preact/hooks'
import type { Call } from './call.js'
import { ifThere } from './call.js'
import { useStore, useWords } from './store.js'
import type { Text } from './words/texts.js'

/** By "tiers/gold". What is not named stays its id. */
export type Names = Readonly<Record<string, Text>>

/** As many as the API answers at once. */
const TOGETHER = 100

/** @param places "tiers/gold", "institutions/min-afya"; those of which nothing is known yet are asked for */
export async function namesOf(call: Call, places: Iterable<string>, known: Names = {}): Promise<Names> {
  const wanted = [...new Set(places)]
  const asked = wanted.filter((place) => !Object.hasOwn(known, place))
  const parts = Array.from({ length: Math.ceil(asked.length / TOGETHER) }, (_, n) =>
    asked.slice(n * TOGETHER, (n + 1) * TOGETHER),
  )
  const found = await Promise.all(parts.map((part) => read(call, part)))
  return {
    ...Object.fromEntries(
      wanted.flatMap((place) => (known[place] === undefined ? [] : [[place, known[place]] as const])),
    ),
    ...Object.fromEntries(found.flat()),
  }
}

/** What has no name is called by its id, and not asked for again; of what is not answered nothing is known. */
async function read(call: Call, places: readonly string[]): Promise<(readonly [place: string, name: Text])[]> {
  const answer = await ifThere(call('get', '/v1/names', { query: { of: places.join(',') } }))
  if (answer === null) return []
  const idOf = (place: string): string => place.slice(place.indexOf('/') + 1)
  const unnamed = places.map((place) => [place, [idOf(place), idOf(place)]] as const)
  return [
    ...unnamed,
    ...answer.items.map(({ collection, id, name }) => [`${collection}/${id}`, [name.en, name.sw]] as const),
  ]
}

/** @returns what something is called in the language of whoever reads; its id where it has no name */
export function useNames(names: Names): (collection: string, id: string) => string {
  const { say } = useWords()
  return (collection, id) => {
    const name = names[`${collection}/${id}`]
    return name === undefined ? id : say(name)
  }
}

/** For what is found while somebody works on a page: ids stand there until their names have come. */
export function useFoundNames(places: readonly string[]): (collection: string, id: string) => string {
  const { call } = useStore()
  const [names, setNames] = useState<Names>({})
  useEffect(() => {
    let isGone = false
    void namesOf(call, places, names)
      .then((found) => {
        if (!isGone) setNames((known) => ({ ...known, ...found }))
      })
      // They stay ids.
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [places.join()])
  return useNames(names)
}
