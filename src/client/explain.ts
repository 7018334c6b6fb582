// `mizani explain`: asks the running controller why an institution gets what it gets, and prints its words. The
// sentences are the API's own, so the command line, the page and a script tell the same story.

import { DIRECTIONS } from '../model/network.js'
import type { Settings } from '../runtime/config.js'
import { MizaniError } from '../runtime/errors.js'
import { type Io, langOf } from '../runtime/io.js'
import { type ApiClient, createApiClient } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { guessedInstitution } from './institution-search.js'

export interface ExplainArgs {
  /** An id, or part of a name. */
  readonly institution: string
  readonly service?: string
  readonly direction?: 'down' | 'up'
  /** A moment of the past. */
  readonly at?: string
  /** Default: that of the locale. */
  readonly lang?: 'en' | 'sw'
  readonly json: boolean
  readonly settings: Pick<Settings, 'client' | 'data'>
}

interface Meant {
  readonly id: string
  /** Without a service it is the first one that the institution had. */
  readonly flows: readonly { readonly service?: string; readonly direction: 'down' | 'up' }[]
}
type Explained = ApiAnswered<'get', '/v1/institutions/{id}/explain'>

/** Prints one explanation a flow; with `json` the API's own answers, as a list. */
export async function runExplain(args: ExplainArgs, io: Io): Promise<number> {
  const client = createApiClient(args.settings)
  const institution = await meant(client, args, io)
  const flows = institution.flows.filter(
    ({ service, direction }) => (args.service ?? service) === service && (args.direction ?? direction) === direction,
  )
  if (flows.length === 0) {
    const services = [...new Set(institution.flows.map(({ service }) => service))].join(', ')
    const message = `${institution.id} has no such flow; it has the services ${services || '(none)'}.`
    throw new MizaniError({ code: 'NOT_FOUND', message })
  }
  const lang = args.lang ?? langOf(io)
  const explanations: Explained[] = []
  for (const { service, direction } of flows) {
    const query = { service, direction, lang, at: args.at } as const
    const { body } = await client.ask('get', '/v1/institutions/{id}/explain', { path: { id: institution.id }, query })
    explanations.push(body)
  }
  const several = flows.length > 1
  const heading = (i: number): string => {
    const { service = explanations[i]!.service, direction } = flows[i]!
    return several ? `== ${service}, ${direction}\n` : ''
  }
  const words = explanations.map(({ text }, i) => `${heading(i)}${text}\n`).join('\n')
  io.stdout.write(args.json ? `${JSON.stringify(explanations, null, 2)}\n` : words)
  return 0
}

/** Who is closed by now, or merged into another, is still known by its id to a moment at which it was there. */
async function meant(client: ApiClient, { institution, service, at, json }: ExplainArgs, io: Io): Promise<Meant> {
  try {
    return await guessedInstitution(client, institution, io, json)
  } catch (error) {
    if (at === undefined || !(error instanceof MizaniError) || error.code !== 'NOT_FOUND') throw error
    const named = service === undefined ? {} : { service }
    return { id: institution, flows: DIRECTIONS.map((direction) => ({ ...named, direction })) }
  }
}
