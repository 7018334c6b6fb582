// Which institution a command line names. A command that writes takes an id, or a name that exactly one institution
// has. A command that only reads also takes words that only one institution has in its id, its names or its labels,
// shortened ones too ("Mt Meru"), and says first whom it took. Several hits are listed instead of guessed.

import { MizaniError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import type { ApiClient } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

type Found = Pick<ApiAnswered<'get', '/v1/institutions'>['items'][number], 'id' | 'name' | 'flows'>

const ID = /^[a-z0-9][a-z0-9.-]{0,62}$/
/** Hits that are listed; more words find fewer. */
const MAX_HITS_SHOWN = 20
/** Hits that are searched for an equal name. */
const MAX_HITS_READ = 1_000

/**
 * For a command that writes.
 * @returns the institution with this id, or the only one with this name (letter case and spaces do not count)
 * @throws MizaniError NOT_FOUND, AMBIGUOUS with the institutions that may be meant, and what the API answers
 */
export async function exactInstitution(client: ApiClient, text: string): Promise<Found> {
  const { exact, hits, more } = await search(client, text)
  if (exact !== null) return exact
  if (hits.length === 0) throw unknown(text)
  throw new MizaniError({
    code: 'AMBIGUOUS',
    message: `No single institution has the id or the whole name "${text}". Nothing was changed.${listed(hits, more)}`,
    advice: 'Did you mean one of these? Type its id.',
  })
}

/**
 * For a command that only reads. The first line of what it prints names the institution where the text does not; with
 * `json` that line goes to the standard error, for the answer is JSON alone.
 * @throws MizaniError NOT_FOUND, AMBIGUOUS with the ids that are possible, and what the API answers.
 */
export async function guessedInstitution(
  client: ApiClient,
  text: string,
  io: Pick<Io, 'stdout' | 'stderr'>,
  json: boolean,
): Promise<Found> {
  const { exact, hits, more } = await search(client, text)
  if (exact !== null) return exact
  const [first] = hits
  if (first === undefined) throw unknown(text)
  if (hits.length > 1) {
    const count = more ? `more than ${hits.length}` : hits.length
    throw new MizaniError({
      code: 'AMBIGUOUS',
      message: `"${text}" finds ${count} institutions:${listed(hits, more)}`,
      advice: 'Take one of the ids.',
    })
  }
  const out = json ? io.stderr : io.stdout
  out.write(`"${text}" is taken for ${first.id}, ${first.name.en}.\n`)
  return first
}

async function search(client: ApiClient, text: string) {
  const id = folded(text)
  const known = ID.test(id) ? await byId(client, id) : null
  if (known !== null) return { exact: known, hits: [known], more: false }
  const { body } = await client.ask('get', '/v1/institutions', { query: { q: text, pageSize: MAX_HITS_READ } })
  const hits: readonly Found[] = body.items
  const named = hits.filter(({ name }) => Object.values(name).some((one) => folded(one) === folded(text)))
  return { exact: named.length === 1 ? named[0]! : null, hits, more: body.nextPageToken !== null }
}

const folded = (text: string): string => text.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()

function listed(hits: readonly Found[], more: boolean): string {
  const rows = hits.slice(0, MAX_HITS_SHOWN).map(({ id, name }) => `\n  ${id}  ${name.en}`)
  return rows.join('') + (more || hits.length > MAX_HITS_SHOWN ? '\n  …' : '')
}

const unknown = (text: string): MizaniError =>
  new MizaniError({
    code: 'NOT_FOUND',
    message: `No institution has "${text}", or words like it, in its id or name.`,
    advice: 'Fewer words find more; `mizani institution list` has them all.',
  })

async function byId(client: ApiClient, id: string): Promise<Found | null> {
  try {
    return (await client.ask('get', '/v1/institutions/{id}', { path: { id } })).body
  } catch (error) {
    if (error instanceof MizaniError && error.code === 'NOT_FOUND') return null
    throw error
  }
}
