// Which institution somebody means on a command line: an id, or words that only one of them has in its id, its names or
// its labels, shortened ones too ("Mt Meru"). Several hits are listed instead of guessed.

import { MizaniError } from '../runtime/errors.js'
import type { ApiClient } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

type Found = Pick<ApiAnswered<'get', '/v1/institutions'>['items'][number], 'id' | 'name' | 'flows'>

const ID = /^[a-z0-9][a-z0-9.-]{0,62}$/
/** Hits of a search that are listed; whoever gets more should say more. */
const MOST_HITS = 20

/** @throws MizaniError NOT_FOUND, AMBIGUOUS with the ids that are possible, and what the API answers. */
export async function findInstitution(client: ApiClient, text: string): Promise<Found> {
  const known = ID.test(text) ? await byId(client, text) : null
  if (known !== null) return known
  const { body } = await client.ask('get', '/v1/institutions', { query: { q: text, pageSize: MOST_HITS } })
  const { items, nextPageToken } = body
  const [first] = items
  if (first !== undefined && items.length === 1) return first
  if (first === undefined) {
    throw new MizaniError({
      code: 'NOT_FOUND',
      message: `No institution has "${text}", or words like it, in its id or name.`,
      advice: 'Fewer words find more; `mizani institution list` has them all.',
    })
  }
  const count = nextPageToken === null ? items.length : `more than ${MOST_HITS}`
  const list = items.map(({ id, name }) => `  ${id}  ${name.en}`).join('\n')
  throw new MizaniError({
    code: 'AMBIGUOUS',
    message: `"${text}" finds ${count} institutions:\n${list}`,
    advice: 'Take one of the ids.',
  })
}

async function byId(client: ApiClient, id: string): Promise<Found | null> {
  try {
    return (await client.ask('get', '/v1/institutions/{id}', { path: { id } })).body
  } catch (error) {
    if (error instanceof MizaniError && error.code === 'NOT_FOUND') return null
    throw error
  }
}
